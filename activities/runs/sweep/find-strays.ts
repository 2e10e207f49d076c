import { runId, trainerName, trainingId, workflowIds } from '@watchtower/contracts';
import type { Database, RunModel } from '@watchtower/database';
import pLimit from 'p-limit';
import type { RunCursor, StrayRun } from '../../interfaces/runs.ts';
import { type WorkflowDirectory, workflowState } from '../workflow-state.ts';
import type { Sweep } from './each-row.ts';
import { endingOf } from './ending.ts';
import { runsBehind } from './run-order.ts';

const concurrent = 10;
/** Rows read at a time. */
const batch = 100;
/** No sweep names more than this and one batch: each is closed by activities of its own. */
const enough = 100;

type OpenRun = Pick<RunModel, 'id' | 'status' | 'triggered_at'>;

interface Strays {
  readonly strays: readonly StrayRun[];
  readonly errors: readonly string[];
  readonly next: RunCursor | null;
}

/**
 * Runs that their rows call open although no workflow of theirs is: terminated, timed out or failed workflows run no
 * code of ours that could have closed them. Oldest first, as far as the time suffices; the next sweep goes on behind,
 * so that however many runs wait for people, each row has its turn.
 *
 * @param from where the sweep before left off; null: at the oldest run
 * @returns `next` null where the newest run was reached
 */
export async function findStrays(
  client: WorkflowDirectory,
  database: Database,
  { now, until }: Sweep,
  from: RunCursor | null,
): Promise<Strays> {
  const limit = pLimit(concurrent);
  const strays: StrayRun[] = [];
  const errors: string[] = [];
  for (let after = from; ; ) {
    const rows = await openRuns(database, now, after);
    const found = await Promise.all(
      rows.map((row) =>
        limit(() =>
          strayOf(client, database, row).catch((error: unknown) => {
            errors.push(`run ${row.id}: ${error instanceof Error ? error.message : String(error)}`);
            return null;
          }),
        ),
      ),
    );
    strays.push(...found.filter((stray) => stray !== null));
    const last = rows.at(-1);
    if (rows.length < batch || last === undefined) return { strays, errors, next: null };
    after = { triggered_at: last.triggered_at.toISOString(), run_id: runId.parse(last.id) };
    if (strays.length >= enough || Date.now() > until) return { strays, errors, next: after };
  }
}

function openRuns(database: Database, now: number, after: RunCursor | null): Promise<OpenRun[]> {
  const place = after && { id: after.run_id, triggered_at: new Date(after.triggered_at) };
  const behind = runsBehind(place, 'oldest_first');
  return database.run.findMany({
    where: {
      status: { in: ['accepted', 'running', 'waiting_for_approval'] },
      triggered_at: { lt: new Date(now - 5_000) },
      AND: behind.where,
    },
    select: { id: true, status: true, triggered_at: true },
    orderBy: behind.orderBy,
    take: batch,
  });
}

async function strayOf(
  client: WorkflowDirectory,
  database: Database,
  row: OpenRun,
): Promise<StrayRun | null> {
  const id = runId.parse(row.id);
  const pipeline = await workflowState(client, workflowIds.pipeline(id));
  // An accepted run that Temporal does not know is to be started, not closed.
  if (pipeline === 'open' || (pipeline === 'absent' && row.status === 'accepted')) return null;
  const children = await Promise.all([
    workflowState(client, workflowIds.retrain(id)),
    workflowState(client, workflowIds.promotion(id)),
  ]);
  // A child holds the pen: it is asked to stop (retrain) or must finish (promotion) first.
  if (children.includes('open')) return null;
  return {
    run_id: id,
    ...endingOf(id, pipeline),
    open_training: await openTraining(database, id),
    open_promotion: (await database.promotion.count({ where: { run_id: id, status: 'intended' } })) > 0,
  };
}

async function openTraining(database: Database, run_id: string): Promise<StrayRun['open_training']> {
  const training = await database.training.findFirst({
    where: { run_id, status: { in: ['opened', 'running'] } },
  });
  return (
    training && {
      training_id: trainingId.parse(training.id),
      mlflow_run_id: training.mlflow_run_id,
      trainer: trainerName.parse(training.trainer),
    }
  );
}
