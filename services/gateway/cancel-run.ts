import { WorkflowNotFoundError } from '@temporalio/client';
import { isTerminal, type RunId, runStatus, WatchtowerError, workflowIds } from '@watchtower/contracts';
import { bounded } from './bounded.ts';
import type { GatewayContext } from './context.ts';
import { findRun } from './find-run.ts';
import { startRun } from './start-run.ts';

const cancelLimit = 3_000;

/**
 * Asks a run's workflow to stop its work. One that was accepted and not started is started first: there is one path
 * to `cancelled`, and it goes through the workflow.
 *
 * @throws WatchtowerError `RunNotFound`, `RunFinished`, `TemporalUnavailable`
 */
export async function cancelRun(context: GatewayContext, runId: RunId): Promise<void> {
  const { database, temporal } = context;
  const row = await findRun(database, runId);
  refuseWhereEnded(runId, row.status);
  if (row.status === 'accepted' && !(await startRun(context, row))) {
    throw new WatchtowerError(
      'TemporalUnavailable',
      `Temporal does not answer, so run ${runId} goes on; try again.`,
    );
  }
  try {
    const cancel = () => temporal.workflow.getHandle(workflowIds.pipeline(runId)).cancel();
    await bounded(cancelLimit, temporal.connection.withDeadline(Date.now() + cancelLimit, cancel));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // It ended meanwhile, or it was terminated and the sweep is about to close the row.
    refuseWhereEnded(runId, (await findRun(database, runId)).status);
  }
}

function refuseWhereEnded(runId: RunId, status: string): void {
  if (!isTerminal(runStatus.parse(status))) return;
  throw new WatchtowerError('RunFinished', `Run ${runId} is already "${status}".`);
}
