import type { Client } from '@temporalio/client';
import { runId, terminalStatuses, workflowIds } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from '../../audit/artifact-store.ts';
import { exportHistories, fetchHistories } from '../../audit/histories.ts';
import { workflowState } from '../workflow-state.ts';
import { allRows, eachRow, type Sweep, type Swept } from './each-row.ts';
import { type RunPlace, runsBehind } from './run-order.ts';

/**
 * Exports the Temporal histories of runs that have ended, once no workflow of theirs is open: the server forgets them
 * after its retention.
 */
export async function exportClosed(
  client: Client,
  database: Database,
  artifacts: ArtifactStore,
  sweep: Sweep,
): Promise<Swept> {
  // Newest first: those whose history is lost stay for ever and must not stand in the way.
  const rows = allRows<RunPlace>(50, (after, take) => {
    const behind = runsBehind(after, 'newest_first');
    return database.run.findMany({
      where: { status: { in: [...terminalStatuses] }, history_artifact: null, AND: behind.where },
      orderBy: behind.orderBy,
      take,
      select: { id: true, triggered_at: true },
    });
  });
  return eachRow(
    sweep,
    rows,
    ({ id }) => `history of run ${id}`,
    async (row) => {
      const id = runId.parse(row.id);
      const ids = [workflowIds.pipeline(id), workflowIds.retrain(id), workflowIds.promotion(id)];
      const states = await Promise.all(ids.map((workflowId) => workflowState(client, workflowId)));
      if (states.includes('open')) return false;
      const histories = await fetchHistories(client, database, id);
      // A history the server has lost already is not exported: `audit verify` then says so.
      if (!histories) return false;
      const artifact = await exportHistories(artifacts, id, histories);
      await database.run.update({ where: { id }, data: { history_artifact: artifact } });
      return true;
    },
  );
}
