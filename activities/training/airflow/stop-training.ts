import { setTimeout as sleep } from 'node:timers/promises';
import { WatchtowerError } from '@watchtower/contracts';
import type { AttemptKey } from '../trainer.ts';
import { type AirflowContext, ownHandle } from './airflow-handle.ts';
import { type DagRun, failDagRun, isOver, readDagRun } from './dag-runs.ts';

/**
 * Ends all runs of a training, and waits until Airflow says so.
 *
 * @returns how many were not over
 * @throws WatchtowerError `TrainerUnavailable` where one of them goes on
 */
export async function stopTraining(
  { client, ledger, environment }: AirflowContext,
  trainingId: AttemptKey['training_id'],
  { pauseMs = 500, looks = 30 } = {},
): Promise<number> {
  let alive = 0;
  for (const { attempt, handle: claimed, ended } of await ledger.handles(trainingId)) {
    if (claimed.trainer !== 'airflow') continue;
    if (ended && claimed.api_url !== environment.AIRFLOW_API_URL) continue;
    const handle = ownHandle(environment, { training_id: trainingId, attempt }, claimed);
    const { dag_id, dag_run_id } = handle;
    const run = await readDagRun(client, dag_id, dag_run_id);
    if (!run || isOver(run)) continue;
    alive += 1;
    await failDagRun(client, dag_id, dag_run_id);
    let now = await readDagRun(client, dag_id, dag_run_id);
    for (let look = 1; now && !isOver(now); look += 1) {
      if (look >= looks) throw stillAlive(dag_run_id, now);
      await sleep(pauseMs);
      now = await readDagRun(client, dag_id, dag_run_id);
    }
  }
  return alive;
}

function stillAlive(id: string, { state }: DagRun): WatchtowerError {
  return new WatchtowerError(
    'TrainerUnavailable',
    `Airflow still says that the DAG run ${id} is ${state}, though it was told to end it. It is told again.`,
  );
}
