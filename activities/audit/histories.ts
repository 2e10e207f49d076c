import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { type Digest, type RunId, workflowIds } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { z } from 'zod';
import type { ArtifactStore } from './artifact-store.ts';

const notFound = 5;

export type History = ReturnType<typeof historyFromJSON>;

/** The workflow executions that wrote steps of a run, and its own where they wrote none. */
export interface RunHistory {
  readonly workflow_id: string;
  readonly workflow_run_id: string | null;
  readonly history: History;
}

const exported = z.object({
  run_id: z.uuid(),
  histories: z.array(
    z.object({ workflow_id: z.string(), workflow_run_id: z.string().nullable(), history: z.unknown() }),
  ),
});

/** Every execution whose coordinates stand in the run's steps, then the run's own workflows. */
async function executionsOf(database: Database, runId: RunId): Promise<Map<string, string | null>> {
  const writers = await database.step.findMany({
    where: { run_id: runId },
    distinct: ['workflow_id', 'workflow_run_id'],
    select: { workflow_id: true, workflow_run_id: true },
  });
  const executions = new Map<string, string | null>();
  for (const { workflow_id, workflow_run_id } of writers)
    executions.set(`${workflow_id} ${workflow_run_id}`, workflow_id);
  for (const id of [workflowIds.pipeline(runId), workflowIds.retrain(runId), workflowIds.promotion(runId)]) {
    if (![...executions.values()].includes(id)) executions.set(`${id} `, id);
  }
  return executions;
}

/**
 * Histories of a run from the Temporal server.
 *
 * @returns null where the server no longer knows an execution that wrote steps
 */
export async function fetchHistories(
  client: Client,
  database: Database,
  runId: RunId,
): Promise<RunHistory[] | null> {
  const histories: RunHistory[] = [];
  for (const [key, workflowId] of await executionsOf(database, runId)) {
    const workflowRunId = key.slice(key.lastIndexOf(' ') + 1) || null;
    if (!workflowId) continue;
    try {
      const handle = client.workflow.getHandle(workflowId, workflowRunId ?? undefined);
      histories.push({
        workflow_id: workflowId,
        workflow_run_id: workflowRunId,
        history: await handle.fetchHistory(),
      });
    } catch (error) {
      if (!isUnknown(error)) throw error;
      // A child that never was is no loss; a writer that is gone is.
      if (workflowRunId) return null;
    }
  }
  return histories;
}

/** Writes a run's histories into the artifact store: the server forgets them after its retention. */
export async function exportHistories(
  store: ArtifactStore,
  runId: RunId,
  histories: readonly RunHistory[],
): Promise<Digest> {
  const content = {
    run_id: runId,
    histories: histories.map(({ history, ...execution }) => ({
      ...execution,
      history: JSON.parse(historyToJSON(history)),
    })),
  };
  return store.put(JSON.stringify(content));
}

export async function readExportedHistories(store: ArtifactStore, artifact: Digest): Promise<RunHistory[]> {
  const content = exported.parse(JSON.parse((await store.read(artifact)).toString('utf8')));
  return content.histories.map(({ history, ...execution }) => ({
    ...execution,
    history: historyFromJSON(history),
  }));
}

/** Histories are fetched page by page: the SDK leaves gRPC's NOT_FOUND as it is. */
const isUnknown = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code === notFound);
