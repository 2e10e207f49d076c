import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type TimeWindow,
  type TrainingId,
  type TrainingPlan,
  type TrainingRequest,
  trainingRequest,
} from '@watchtower/contracts';
import type { ActivityContext } from '../context.ts';
import { exportRows } from '../data/index.ts';
import type { RunContext } from '../interfaces/run-context.ts';
import { mlflowRunPage } from './links.ts';
import type { MlflowClient } from './mlflow-client.ts';
import {
  createRun,
  deleteRun,
  ensureExperiment,
  findTrainingRuns,
  onlyRun,
  readRun,
  setRunStatus,
  trainingTag,
} from './runs.ts';
import type { MlflowRun } from './shapes.ts';
import { trainingRequestOf } from './training-request.ts';

/** Of the MLflow runs that we open. */
const runTag = 'watchtower.run_id';

/**
 * Opens a training before anything of it is started: its MLflow run, its row, its data. Asked again, it gives what is
 * there: the row first, then the run's tag, so that one training has one run.
 */
export async function openTraining(
  { environment, database }: ActivityContext,
  client: MlflowClient,
  input: {
    readonly context: RunContext;
    readonly training_id: TrainingId;
    readonly plan: TrainingPlan;
    readonly data_window: TimeWindow;
  },
): Promise<{ readonly request: TrainingRequest; readonly mlflow_url: string }> {
  const { context, training_id } = input;
  const opened = await database.training.findUnique({ where: { id: training_id } });
  if (opened) {
    const run = await readRun(client, opened.mlflow_run_id);
    if (opened.adopted_attempt === null) await reopen(client, run);
    return {
      request: trainingRequest.parse(opened.request),
      mlflow_url: mlflowRunPage(environment, run.info.run_id),
    };
  }
  const data_path = await exportTrainingRows(environment.WORKSPACE_BASE_DIR, input);
  const run = await findOrCreateRun(client, environment.MLFLOW_EXPERIMENT_NAME, input);
  const request = trainingRequestOf({
    ...input,
    definition: context.definition,
    data_path,
    mlflow_run_id: run.info.run_id,
    mlflow_tracking_uri: environment.MLFLOW_TRACKING_URI,
  });
  await database.training.createMany({
    data: {
      id: training_id,
      run_id: context.run_id,
      model: context.model,
      trainer: context.definition.retrain.trainer,
      request,
      mlflow_run_id: run.info.run_id,
      status: 'opened',
    },
    skipDuplicates: true,
  });
  // Somebody who was taken for dead may have opened it meanwhile: what the row says is the training.
  const row = await database.training.findUniqueOrThrow({ where: { id: training_id } });
  if (row.mlflow_run_id !== run.info.run_id) await deleteRun(client, run.info.run_id);
  return {
    request: trainingRequest.parse(row.request),
    mlflow_url: mlflowRunPage(environment, row.mlflow_run_id),
  };
}

async function findOrCreateRun(
  client: MlflowClient,
  experiment: string,
  { context, training_id }: { readonly context: RunContext; readonly training_id: TrainingId },
): Promise<MlflowRun> {
  const experimentId = await ensureExperiment(client, experiment);
  const tagged = await findTrainingRuns(client, [experimentId], training_id);
  // A slow MLflow makes a run after we gave the request up and asked anew: nothing was trained in any of them yet.
  const [, ...surplus] = tagged.filter(({ data }) => data.tags.some(({ key }) => key === runTag));
  const found = onlyRun(
    tagged.filter((run) => !surplus.includes(run)),
    training_id,
  );
  for (const { info } of surplus) await deleteRun(client, info.run_id);
  if (found) {
    await reopen(client, found);
    return found;
  }
  return createRun(client, experimentId, `retrain ${context.model} ${context.run_id.slice(-8)}`, {
    [trainingTag]: training_id,
    [runTag]: context.run_id,
    'watchtower.model': context.model,
  });
}

/** An attempt that failed has ended the run; the next one goes on with it. */
async function reopen(client: MlflowClient, run: MlflowRun): Promise<void> {
  if (run.info.status !== 'RUNNING') await setRunStatus(client, run.info.run_id, 'RUNNING');
}

/** The training window's labelled rows as Parquet; null where the trainer reads the data by itself. */
async function exportTrainingRows(
  workspace: string,
  input: {
    readonly context: RunContext;
    readonly training_id: TrainingId;
    readonly data_window: TimeWindow;
  },
): Promise<string | null> {
  const { definition } = input.context;
  if (definition.data.source.type !== 'synthetic' && !definition.retrain.export_data) return null;
  const folder = path.resolve(workspace, 'trainings', input.training_id);
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'data.parquet');
  // Whole or not at all: a former try of this activity may still be writing.
  const aside = path.join(folder, `.data.${process.pid}.${Date.now()}.parquet`);
  try {
    await exportRows(definition, input.data_window, aside, { labelledOnly: true });
    await rename(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
  return file;
}
