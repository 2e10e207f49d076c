import { CancellationScope, executeChild, ParentClosePolicy, sleep } from '@temporalio/workflow';
import { type PipelineState, type ToolInput, workflowIds } from '@watchtower/contracts';
import { approvalNeeded, type PipelineEvent } from '@watchtower/policy';
import { runs } from '../activities.ts';
import type { ApprovalRequest } from '../approval-desk.ts';
import { failureOf } from '../failure-of.ts';
import type { Pen } from '../pen.ts';
import { lateWriteLimit, type PromotionResult, promotion, writeSettled } from '../promotion.ts';
import { attributesOf } from '../search-attributes.ts';
import type { Evaluated, ToolAnswer, Toolbox } from './toolbox.ts';

type Ended = Extract<PipelineEvent, { type: 'promotion_ended' }>;

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
    if (answer.status !== 'approved') return ended(answer.status, version, answer.detail);
    approved = answer.request;
  }
  // Cancelling the run cancels the child, which shields itself from its intent on; either way its result is waited for.
  const result = await runChild(toolbox, evaluated, version);
  if (result.status === 'void' && approved) await recordVoid(pen, approved, result.detail);
  return ended(result.status, version, result.detail);
}

async function runChild(
  { context, pen }: Toolbox,
  { report, champion }: Evaluated,
  version: string,
): Promise<Omit<PromotionResult, 'pen'>> {
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
    return CancellationScope.nonCancellable(() => settle({ context, pen }, failureOf(error).message));
  }
}

/** The child was terminated, or had run before a reset: what its row or the alias says is what happened. */
async function settle(
  { context, pen }: Pick<Toolbox, 'context' | 'pen'>,
  why: string,
): Promise<Omit<PromotionResult, 'pen'>> {
  await sleep(lateWriteLimit);
  const settled = await runs.settlePromotion.executeWithOptions(
    { summary: 'Ask the alias what became of the promotion' },
    [{ run_id: context.run_id }],
  );
  if (!settled)
    return { status: 'failed', detail: `The promotion ended before its intent was recorded: ${why}` };
  const { promotion: row, unwritten } = settled;
  if (unwritten) await writeSettled(pen, row);
  return { status: row.status === 'promoted' ? 'promoted' : 'failed', detail: row.detail ?? why };
}

async function recordVoid(pen: Pen, request: ApprovalRequest, detail: string): Promise<void> {
  const payload = { ...request, status: 'void' } as const;
  await pen.write(
    [{ kind: 'decision', name: 'approval_decided', message: `The approval is void: ${detail}`, payload }],
    { approval: payload },
  );
}

function ended(status: Ended['status'], version: string, detail: string): ToolAnswer {
  return {
    result: { status, version, detail },
    is_error: status !== 'promoted' && status !== 'rejected' && status !== 'expired',
    event: { type: 'promotion_ended', status, version, detail },
  };
}
