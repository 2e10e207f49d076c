import type { Client } from '@temporalio/client';
import { runId, terminalStatuses, workflowIds } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from '../../audit/artifact-store.ts';
import { exportHistories, fetchHistories } from '../../audit/histories.ts';
import { workflowState } from '../workflow-state.ts';

/**
 * Exports the Temporal histories of runs that have ended, once no workflow of theirs is open: the server forgets them
 * after its retention.
 *
 * @returns how many runs were exported
 */
export async function exportClosed(
  client: Client,
  database: Database,
  artifacts: ArtifactStore,
): Promise<number> {
  const rows = await database.run.findMany({
    where: { status: { in: [...terminalStatuses] }, history_artifact: null },
    orderBy: { completed_at: 'asc' },
    take: 50,
    select: { id: true },
  });
  let exported = 0;
  for (const row of rows) {
    const id = runId.parse(row.id);
    const ids = [workflowIds.pipeline(id), workflowIds.retrain(id), workflowIds.promotion(id)];
    const states = await Promise.all(ids.map((workflowId) => workflowState(client, workflowId)));
    if (states.includes('open')) continue;
    const histories = await fetchHistories(client, database, id);
    // A history the server has lost already is not exported: `audit verify` then says so.
    if (!histories) continue;
    const artifact = await exportHistories(artifacts, id, histories);
    await database.run.update({ where: { id }, data: { history_artifact: artifact } });
    exported += 1;
  }
  return exported;
}
