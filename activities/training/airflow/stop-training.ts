import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptKey } from '../trainer.ts';
import { type AirflowContext, ownHandle } from './airflow-handle.ts';
import { failDagRun, isOver, readDagRun } from './dag-runs.ts';

/** Ends all runs of a training, and waits until Airflow says so. @returns how many were not over */
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
    for (let look = 0; look < looks; look += 1) {
      const now = await readDagRun(client, dag_id, dag_run_id);
      if (!now || isOver(now)) break;
      await sleep(pauseMs);
    }
  }
  return alive;
}
