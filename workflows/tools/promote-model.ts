import { CancellationScope, executeChild, ParentClosePolicy } from '@temporalio/workflow';
import type { EndedState } from '@watchtower/activities';
import { type PipelineState, type ToolInput, workflowIds } from '@watchtower/contracts';
import { approvalNeeded } from '@watchtower/policy';
import type { ApprovalRequest } from '../approval-desk.ts';
import { endOfEarlier } from '../earlier-execution.ts';
import { failureOf } from '../failure-of.ts';
import type { Pen } from '../pen.ts';
import { type PromotionResult, promotion } from '../promotion.ts';
import { attributesOf } from '../search-attributes.ts';
import { settle } from '../settled-promotion.ts';
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
  // Before anybody is asked: a reset undoes no promotion, whatever people would say now.
  const earlier = await endOfEarlier(workflowIds.promotion(context.run_id));
  if (earlier !== 'absent') return ended(await adoptEarlier(toolbox, earlier), version);
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
    return CancellationScope.nonCancellable(() => settle(context, pen, failureOf(error)));
  }
}

/** This workflow was reset: the promotion that its earlier execution began is the run's one promotion. */
function adoptEarlier(toolbox: Toolbox, state: EndedState): Promise<PromotionResult> {
  const { pen, context } = toolbox;
  const workflow = workflowIds.promotion(context.run_id);
  return CancellationScope.nonCancellable(async () => {
    await pen.recover();
    const message = `Workflow ${workflow} ended as ${state}, before this workflow was reset.`;
    const result = await settle(context, pen, { code: 'WorkflowFailed', message }, state === 'completed');
    await pen.write([
      {
        kind: 'status',
        name: 'promotion_adopted',
        message:
          'This run began its promotion before its workflow was reset; what became of it counts: ' +
          `${result.status}.`,
        payload: { status: result.status, workflow },
      },
    ]);
    return result;
  });
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
