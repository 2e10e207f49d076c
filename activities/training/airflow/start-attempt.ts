import { type AttemptHandle, canonicalJson, WatchtowerError } from '@watchtower/contracts';
import type { AttemptKey, AttemptOrder } from '../trainer.ts';
import { type AirflowContext, type AirflowHandle, dagRunIdOf, ownHandle } from './airflow-handle.ts';
import {
  assertDagStarts,
  type DagRun,
  failDagRun,
  isOver,
  readDagRun,
  schedulerProblem,
  triggerRun,
} from './dag-runs.ts';

/**
 * Triggers the DAG run, or adopts the one of this id.
 *
 * @throws WatchtowerError `DagUnknown`, `DagPaused`, `TrainerRejected`, `TrainerUnavailable`, `TrainerNotStarted`
 */
export async function startAttempt(
  { client, ledger, environment }: AirflowContext,
  { request, attempt }: AttemptOrder,
): Promise<AttemptHandle | null> {
  const key = { training_id: request.training_id, attempt };
  const handle = ownHandle(
    environment,
    key,
    await ledger.claim(key, {
      trainer: 'airflow',
      api_url: environment.AIRFLOW_API_URL,
      dag_id: environment.RETRAIN_DAG_ID,
      dag_run_id: dagRunIdOf(key),
      started_at: new Date().toISOString(),
    }),
  );
  const { dag_id, dag_run_id } = handle;
  const there = await readDagRun(client, dag_id, dag_run_id);
  if (!there) {
    await assertDagStarts(client, dag_id);
    await refuseBesideAnother({ client, ledger, environment }, key);
    const problem = await schedulerProblem(client);
    if (problem !== null) {
      throw new WatchtowerError('TrainerUnavailable', `${problem}. The training begins once it is back.`);
    }
    if (!(await ledger.mayBegin(key))) return null;
    await triggerRun(client, dag_id, dag_run_id, request);
  }
  assertSameConf(handle, there ?? (await readDagRun(client, dag_id, dag_run_id)), request);
  // Stopped between the question and the trigger: who stopped it may have found nothing to stop.
  if (await ledger.stopped(key.training_id)) {
    await failDagRun(client, dag_id, dag_run_id);
    return null;
  }
  return handle;
}

async function refuseBesideAnother(
  { client, ledger }: AirflowContext,
  { training_id, attempt }: AttemptKey,
): Promise<void> {
  for (const { attempt: former, handle } of await ledger.handles(training_id)) {
    if (former >= attempt || handle.trainer !== 'airflow') continue;
    const run = await readDagRun(client, handle.dag_id, handle.dag_run_id);
    if (!run || isOver(run)) continue;
    throw new WatchtowerError(
      'TrainerNotStarted',
      `Attempt ${attempt} of ${training_id} can't begin while the DAG run ${handle.dag_run_id} is ${run.state}. It is tried again.`,
    );
  }
}

/** A run of this id that was given another order is not ours to adopt. */
function assertSameConf(handle: AirflowHandle, run: DagRun | null, request: AttemptOrder['request']): void {
  if (!run) return;
  if (canonicalJson(run.conf) === canonicalJson(JSON.parse(JSON.stringify(request)))) return;
  throw new WatchtowerError(
    'TrainerRejected',
    `The DAG run ${handle.dag_run_id} of ${handle.dag_id} exists with another conf than this training's. Delete it in Airflow if nobody needs it, then start another run.`,
  );
}
