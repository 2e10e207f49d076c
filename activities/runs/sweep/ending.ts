import { type FailureCode, type RunId, workflowIds } from '@watchtower/contracts';
import type { EndedState, StrayRun } from '../../interfaces/runs.ts';

/** How a run ends whose pipeline ended in this state without closing it, and what people are told. */
export function endingOf(id: RunId, state: EndedState): Pick<StrayRun, 'status' | 'failure'> {
  const failed = (code: FailureCode, message: string) => ({
    status: 'failed' as const,
    failure: { code, message },
  });
  const name = workflowIds.pipeline(id);
  switch (state) {
    case 'terminated':
      return failed(
        'WorkflowTerminated',
        `Workflow ${name} was terminated from outside. Start a new run when ready.`,
      );
    case 'timed_out':
      return failed('WorkflowTimedOut', `Workflow ${name} ran out of time.`);
    case 'absent':
      return failed('WorkflowLost', `Temporal no longer knows workflow ${name}. Was its database replaced?`);
    case 'cancelled':
      return {
        status: 'cancelled',
        failure: { code: 'WorkflowFailed', message: `Workflow ${name} was cancelled.` },
      };
    case 'failed':
    case 'completed':
      return failed(
        'WorkflowFailed',
        `Workflow ${name} ended as ${state} without closing its run. See its history.`,
      );
  }
}
