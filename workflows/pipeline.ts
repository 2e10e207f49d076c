import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { RunContext } from '@watchtower/activities';
import type { Failure, RunId, RunOutcome, RunStatus } from '@watchtower/contracts';
import { brokenOffSummary, initialState, outcomeOf } from '@watchtower/policy';
import { runs } from './activities.ts';
import { ApprovalDesk } from './approval-desk.ts';
import { askReasoner } from './ask-reasoner.ts';
import { gatherEvidence } from './evidence.ts';
import { failureOf, hasCode } from './failure-of.ts';
import { statusQuery } from './messages.ts';
import { Pen } from './pen.ts';
import { type Reasoned, type ReasonedRun, ReasoningLoop } from './reasoning-loop.ts';
import { runTool } from './tools/run-tool.ts';
import type { Toolbox } from './tools/toolbox.ts';

export interface PipelineResult {
  readonly status: RunStatus;
  readonly outcome: RunOutcome | null;
  readonly failure: Failure | null;
}

/**
 * A run from drift to promotion: the run is opened with its definition frozen; the evidence is gathered; a reasoner works
 * through it with guarded tools (retrain, evaluate, ask people, promote); a summary ends it. It fails, is cancelled or
 * completes, and its row says which before it ends.
 */
export async function pipeline({ run_id }: { readonly run_id: RunId }): Promise<PipelineResult> {
  const pen = new Pen(run_id);
  const desk = new ApprovalDesk(run_id);
  let loop: ReasoningLoop | null = null;
  let result: PipelineResult = { status: 'running', outcome: null, failure: null };
  setHandler(statusQuery, () => ({ status: result.status, steps: pen.state.next - 1 }));

  try {
    const context = await runs.openRun.executeWithOptions({ summary: 'Freeze the definition' }, [{ run_id }]);
    await open(context, pen);
    const gathered = await gatherEvidence(context, pen);
    const state = initialState({
      dry_run: context.dry_run,
      verdict: gathered.verdict,
      approval_required: context.definition.approval.required,
    });
    const toolbox: Toolbox = { context, gathered, pen, desk, evaluated: null };
    const carryOut: ReasonedRun['carryOut'] = (now, call) => runTool(toolbox, now, call);
    loop = new ReasoningLoop(
      { run_id, reasoner: context.reasoner, gathered, pen, ask: askReasoner, carryOut },
      state,
    );
    result = await close(await loop.run(), pen);
  } catch (error) {
    if (hasCode(error, 'RunFinished') || hasCode(error, 'RunNotFound')) throw error;
    result = await CancellationScope.nonCancellable(() => breakOff(error, loop, pen));
  }
  desk.close();
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished, '1m'));
  return result;
}

async function open(context: RunContext, pen: Pen): Promise<void> {
  const { model, definition_version, definition_digest, policy_version, dry_run, trigger_source } = context;
  await pen.write(
    [
      {
        kind: 'status',
        name: 'run_opened',
        message: `${dry_run ? 'Dry run' : 'Run'} of ${model} under definition ${definition_version} (${trigger_source}).`,
        payload: {
          status: 'running',
          model,
          definition_version,
          definition_digest,
          policy_version,
          dry_run,
          trigger_source,
          current_window: context.current_window,
          split_at: context.split_at,
          reasoner: { ...context.reasoner },
        },
      },
    ],
    { status: 'running' },
  );
}

/** The summary is the last step; the transaction that appends it also closes the row. */
async function close({ state, summary, unwritten, reasoning }: Reasoned, pen: Pen): Promise<PipelineResult> {
  const end = outcomeOf(state);
  const outcome = end.status === 'completed' ? end.outcome : null;
  const failure = end.status === 'failed' ? end.failure : null;
  const payload = {
    ...summary,
    status: end.status,
    ...(outcome && { outcome }),
    ...(failure && { failure }),
  };
  await pen.write([...unwritten, { kind: 'summary', name: 'summary', message: summary.headline, payload }], {
    status: end.status,
    summary: { ...summary },
    reasoning,
    ...(outcome && { outcome }),
    ...(failure && { failure }),
  });
  return { status: end.status, outcome, failure };
}

/** The run was cancelled or something broke that no tool could answer for. */
async function breakOff(error: unknown, loop: ReasoningLoop | null, pen: Pen): Promise<PipelineResult> {
  const cancelled = isCancellation(error);
  const status = cancelled ? 'cancelled' : 'failed';
  const failure = cancelled ? null : failureOf(error);
  const ending = cancelled ? 'The run was cancelled.' : `The run failed: ${failure?.message ?? ''}`;
  const payload = { status, ...(failure && { failure }) };
  const changes = { status, ...(failure && { failure }) } as const;
  if (loop === null) {
    const message = ending.slice(0, 2000);
    await pen.write([{ kind: 'status', name: `run_${status}`, message, payload }], changes);
  } else {
    const summary = brokenOffSummary(ending, loop.state, loop.evidence_steps);
    await pen.write(
      [{ kind: 'summary', name: 'summary', message: summary.headline, payload: { ...summary, ...payload } }],
      { ...changes, summary },
    );
  }
  return { status, outcome: null, failure };
}
