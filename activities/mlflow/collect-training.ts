import { type Digest, type TrainingId, WatchtowerError } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { ActivityContext } from '../context.ts';
import type { Watch } from '../progress.ts';
import { readEnd } from '../training/attempt-rows.ts';
import { endedRun } from './ended-run.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { digestModel } from './model-content.ts';
import { findModel, isComplete, listModelFiles, type ModelLocation } from './model-files.ts';
import { readRun } from './runs.ts';
import type { MlflowRun } from './shapes.ts';
import { readOutput, uploadOutput } from './training-output.ts';

export interface CollectedTraining {
  readonly metrics: Readonly<Record<string, number>>;
  readonly model_source: string;
  readonly mlflow_run_id: string;
  readonly model_digest: Digest;
}

interface CollectInput {
  readonly training_id: TrainingId;
  readonly attempt: number;
  readonly mlflow_run_id: string;
}

/**
 * Adopts one attempt's result, once it is certain that there is a whole model. A trainer that opened an MLflow run of
 * its own is found by the training's tag.
 *
 * @throws WatchtowerError `TrainingFailed`, `TrainingLoggedNothing`; `MlflowRejected` where several runs would do
 */
export async function collectTraining(
  { database, artifacts }: Pick<ActivityContext, 'database' | 'artifacts'>,
  client: MlflowClient,
  input: CollectInput,
  watch: Pick<Watch, 'beat' | 'pause'>,
): Promise<CollectedTraining> {
  await logOutput({ database, artifacts }, client, input, watch);
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

/** What a job without network left is logged in its place; adopted first, so that two attempts never mix. */
async function logOutput(
  { database, artifacts }: Pick<ActivityContext, 'database' | 'artifacts'>,
  client: MlflowClient,
  input: CollectInput,
  watch: Pick<Watch, 'beat'>,
): Promise<void> {
  const { training_id, attempt } = input;
  const row = await readEnd(database, { training_id, attempt });
  if (!row?.result.output_artifact) return;
  const tar = await artifacts.pathOf(row.result.output_artifact);
  const output = await readOutput(tar);
  await adopt(database, input);
  const run = await readRun(client, input.mlflow_run_id);
  if (run.info.status === 'FINISHED') return;
  await uploadOutput(client, run, { tar, output, at: row.ended_at }, (done) => watch.beat(done));
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
