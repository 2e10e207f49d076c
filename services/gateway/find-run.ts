import { type RunId, WatchtowerError } from '@watchtower/contracts';
import type { Database, RunModel } from '@watchtower/database';

/** @throws WatchtowerError `RunNotFound` */
export async function findRun(database: Database, runId: RunId): Promise<RunModel> {
  const row = await database.run.findUnique({ where: { id: runId } });
  if (row === null) throw runNotFound(runId);
  return row;
}

export const runNotFound = (runId: RunId): WatchtowerError =>
  new WatchtowerError('RunNotFound', `There is no run ${runId}. GET /pipeline/history lists the runs.`);
