import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { exportRows } from '@watchtower/activities/data/index';
import type { MlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { findModel } from '@watchtower/activities/mlflow/model-files';
import {
  createVersion,
  ensureRegisteredModel,
  setAlias,
  versionTags,
} from '@watchtower/activities/mlflow/registry';
import { createRun, ensureExperiment, readRun } from '@watchtower/activities/mlflow/runs';
import { trainingRequestOf } from '@watchtower/activities/mlflow/training-request';
import { definitionInput, type JsonObject, resolveDefinition, trainingId } from '@watchtower/contracts';
import type { StackConnection } from './stack-connection.ts';

const data_window = { from: '2026-01-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' };

/** Trains a first champion with the definition's own trainer on the reference's rows; registers it under the alias. */
export async function trainChampion(
  stack: StackConnection,
  client: MlflowClient,
  input: JsonObject,
): Promise<void> {
  const definition = resolveDefinition(definitionInput.parse(input), {
    task: 'binary_classification',
    shareThreshold: 0.2,
    minImprovement: 0.005,
  });
  const name = definition.registered_model;
  const rows = join(stack.workspaces, `${name}-reference.parquet`);
  await exportRows(definition, data_window, rows, { labelledOnly: true });

  const experiment = await ensureExperiment(client, 'watchtower');
  const run_id = (await createRun(client, experiment, `first champion of ${name}`, {})).info.run_id;
  const request = trainingRequestOf({
    training_id: trainingId.parse(`training-${crypto.randomUUID()}`),
    definition,
    plan: { reason: 'There is no champion yet.', strategy: 'full_retrain' },
    data_window,
    data_path: rows,
    mlflow_run_id: run_id,
    mlflow_tracking_uri: stack.mlflow,
  });
  const file = join(dirname(rows), `${name}-request.json`);
  await writeFile(file, JSON.stringify(request));
  await promisify(execFile)(stack.environment.PYTHON ?? 'python3', ['train.py'], {
    cwd: definition.base_dir,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      MLFLOW_TRACKING_URI: stack.mlflow,
      MLFLOW_RUN_ID: run_id,
      WATCHTOWER_TRAINING_REQUEST: file,
    },
  });

  const logged = await findModel(client, await readRun(client, run_id));
  if (!logged) throw new Error(`The trainer logged no model for ${name}.`);
  const tags = { [versionTags.windowFrom]: data_window.from, [versionTags.windowTo]: data_window.to };
  await ensureRegisteredModel(client, name);
  const { version } = await createVersion(client, { name, source: logged.source, run_id, tags });
  await setAlias(client, name, 'champion', version);
}
