import { type Digest, type TrainingId, WatchtowerError } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { Watch } from '../progress.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { digestModel } from './model-content.ts';
import { findModel, isComplete, listModelFiles, type ModelLocation } from './model-files.ts';
import { findTrainingRuns, readRun, setRunStatus } from './runs.ts';
import type { MlflowRun } from './shapes.ts';

/** A trainer that ended well has this long to have ended its MLflow run, too. */
const runEndLimitMs = 60_000;

export interface CollectedTraining {
  readonly metrics: Readonly<Record<string, number>>;
  readonly model_source: string;
  readonly mlflow_run_id: string;
  readonly model_digest: Digest;
}

/**
 * Adopts one attempt's result, once it is certain that there is a whole model. A trainer that opened an MLflow run of
 * its own is found by the training's tag.
 *
 * @throws WatchtowerError `TrainingFailed`, `TrainingLoggedNothing`
 */
export async function collectTraining(
  database: Database,
  client: MlflowClient,
  input: { readonly training_id: TrainingId; readonly attempt: number; readonly mlflow_run_id: string },
  watch: Pick<Watch, 'beat' | 'pause'>,
): Promise<CollectedTraining> {
  const run = await endedRun(client, input, watch);
  const location = await findModel(client, run);
  const files = location ? await listModelFiles(client, location) : [];
  if (!location || !isComplete(files)) throw loggedNothing(run, location);
  const model_digest = await digestModel(client, location, files, (read) => watch.beat(read));
  await adopt(database, input);
  return {
    metrics: finiteMetrics(run),
    model_source: location.source,
    mlflow_run_id: run.info.run_id,
    model_digest,
  };
}

async function endedRun(
  client: MlflowClient,
  input: { readonly training_id: TrainingId; readonly mlflow_run_id: string },
  watch: Pick<Watch, 'beat' | 'pause'>,
): Promise<MlflowRun> {
  const deadline = Date.now() + runEndLimitMs;
  for (;;) {
    const ours = await readRun(client, input.mlflow_run_id);
    const { status, experiment_id, run_id } = ours.info;
    if (status === 'FINISHED') return ours;
    if (status === 'FAILED' || status === 'KILLED') {
      throw new WatchtowerError(
        'TrainingFailed',
        `The training's program ended well, but its MLflow run ${run_id} is ${status}. See the run and the attempt's log.`,
      );
    }
    const others = await findTrainingRuns(client, experiment_id, input.training_id);
    const own = others.findLast(({ info }) => info.run_id !== run_id && info.status === 'FINISHED');
    if (own) {
      await setRunStatus(client, run_id, 'FINISHED');
      return readRun(client, own.info.run_id);
    }
    if (Date.now() > deadline) {
      throw new WatchtowerError(
        'TrainingFailed',
        `The training's program ended, but its MLflow run ${run_id} is still ${status} after ${runEndLimitMs / 1000} s. Let the program go on with the run named by MLFLOW_RUN_ID and end it.`,
      );
    }
    watch.beat({ waiting_for: 'end of the MLflow run', run_id, status });
    await watch.pause(1_000);
  }
}

/** First come, first adopted: another attempt's result can't follow. */
async function adopt(
  database: Database,
  { training_id, attempt }: { readonly training_id: TrainingId; readonly attempt: number },
): Promise<void> {
  const { count } = await database.training.updateMany({
    where: { id: training_id, OR: [{ adopted_attempt: null }, { adopted_attempt: attempt }] },
    data: { adopted_attempt: attempt },
  });
  if (count === 1) return;
  throw new WatchtowerError(
    'TrainingFailed',
    `Attempt ${attempt} of ${training_id} came too late: another attempt's result is adopted already.`,
  );
}

function finiteMetrics(run: MlflowRun): Readonly<Record<string, number>> {
  const entries = run.data.metrics.map(({ key, value }) => [key, Number(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value)));
}

function loggedNothing(run: MlflowRun, location: ModelLocation | null): WatchtowerError {
  const { run_id } = run.info;
  return new WatchtowerError(
    'TrainingLoggedNothing',
    location
      ? `The model ${location.source} of MLflow run ${run_id} is not complete: it needs an MLmodel and its files. Log it again.`
      : `MLflow run ${run_id} ended without a model. Let the training log one, as with mlflow.sklearn.log_model(…).`,
  );
}
