import { CancellationScope, executeChild, ParentClosePolicy, sleep } from '@temporalio/workflow';
import { type Failure, type PipelineState, type ToolInput, workflowIds } from '@watchtower/contracts';
import { approvalNeeded } from '@watchtower/policy';
import { runs } from '../activities.ts';
import type { ApprovalRequest } from '../approval-desk.ts';
import { failureOf } from '../failure-of.ts';
import type { Pen } from '../pen.ts';
import { lateWriteLimit, type PromotionResult, promotion, writeSettled } from '../promotion.ts';
import { attributesOf } from '../search-attributes.ts';
import type { Evaluated, ToolAnswer, Toolbox } from './toolbox.ts';

/** Asks people where the policy wants them, then lends the pen to the `promotion` child. */
export async function promoteModel(
  toolbox: Toolbox,
  state: PipelineState,
  { version, ask_people }: ToolInput<'promote_model'>,
): Promise<ToolAnswer> {
  const { context, desk, pen, evaluated } = toolbox;
  if (!evaluated) throw new Error('The guard lets nothing be promoted that was not evaluated.');
  const { report } = evaluated;
  let approved: ApprovalRequest | null = null;
  if (approvalNeeded(state, report, ask_people)) {
    const answer = await desk.ask(report.evidence_digest, context.definition.approval, pen);
    if (answer.status !== 'approved') return ended({ ...answer, status: answer.status }, version);
    approved = answer.request;
  }
  // Cancelling the run cancels the child, which shields itself from its intent on; either way its result is waited for.
  const result = await runChild(toolbox, evaluated, version);
  if (result.status === 'void' && approved) await recordVoid(pen, approved, result.detail);
  return ended(result, version);
}

async function runChild(
  { context, pen }: Toolbox,
  { report, champion }: Evaluated,
  version: string,
): Promise<PromotionResult> {
  const { run_id, model } = context;
  try {
    const { pen: back, ...result } = await executeChild(promotion, {
      workflowId: workflowIds.promotion(run_id),
      args: [
        {
          context,
          version,
          expected_version: champion?.version ?? null,
          evidence_digest: report.evidence_digest,
          pen: pen.state,
        },
      ],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `Promote version ${version} of ${model}`,
      memo: { model, run_id, version },
      typedSearchAttributes: attributesOf({ model, kind: 'promotion', trigger: context.trigger_source }),
    });
    pen.takeBack(back);
    return result;
  } catch (error) {
    await pen.recover();
    return CancellationScope.nonCancellable(() => settle({ context, pen }, failureOf(error)));
  }
}

/** The child was terminated, or had run before a reset: what its row or the alias says is what happened. */
async function settle(
  { context, pen }: Pick<Toolbox, 'context' | 'pen'>,
  why: Failure,
): Promise<PromotionResult> {
  await sleep(lateWriteLimit);
  const settled = await runs.settlePromotion.executeWithOptions(
    { summary: 'Ask the alias what became of the promotion' },
    [{ run_id: context.run_id }],
  );
  const { code, message } = why;
  if (!settled) {
    const detail = `The promotion ended before its intent was recorded: ${message}`;
    return { status: 'failed', code, detail };
  }
  const { promotion: row, unwritten } = settled;
  if (unwritten) await writeSettled(pen, row);
  const detail = row.detail ?? message;
  return row.status === 'promoted' || row.status === 'superseded'
    ? { status: row.status, detail }
    : { status: 'failed', code, detail };
}

async function recordVoid(pen: Pen, request: ApprovalRequest, detail: string): Promise<void> {
  const payload = { ...request, status: 'void' } as const;
  await pen.write(
    [{ kind: 'decision', name: 'approval_decided', message: `The approval is void: ${detail}`, payload }],
    { approval: payload },
  );
}

type End = PromotionResult | { readonly status: 'rejected' | 'expired'; readonly detail: string };

function ended(end: End, version: string): ToolAnswer {
  const { status, detail } = end;
  if (status === 'failed') {
    const { code } = end;
    return {
      result: { error: code, message: detail, status, version },
      is_error: true,
      event: { type: 'promotion_failed', version, code, detail },
    };
  }
  return {
    result: { status, version, detail },
    is_error: status === 'void' || status === 'superseded',
    event: { type: 'promotion_ended', status, version, detail },
  };
}
