import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { milliseconds, WatchtowerError } from '@watchtower/contracts';
import { fetchModel } from '../mlflow/fetch-model.ts';
import { createMlflowClient, isRefusal, type MlflowClient } from '../mlflow/mlflow-client.ts';
import { isComplete, listModelFiles, locateVersion } from '../mlflow/model-files.ts';
import { readVersion } from '../mlflow/registry.ts';
import type { ModelVersion } from '../mlflow/shapes.ts';
import { limitTime } from '../time-limit.ts';
import { runScorer, type Scoring } from './scoring.ts';
import { downloadingEnvironment } from './scrubbed-environment.ts';

/**
 * Puts the model's files into `<folder>/model`, within `evaluate.timeout`. The worker fetches them itself; those that
 * MLflow can't list are fetched by a process that is given MLflow's credentials and loads nothing of the model.
 *
 * @throws WatchtowerError `MlflowUnavailable`, `MlflowRejected`, `ModelFilesMissing`; `ScoringFailed` where there is no
 * such version, or no end of its download
 */
export async function downloadModel(
  scoring: Scoring,
  run: { readonly python: string; readonly folder: string },
): Promise<void> {
  const { definition, environment, progress } = scoring;
  const limit = limitTime(milliseconds(definition.evaluate.timeout), progress.signal);
  try {
    const client = createMlflowClient(environment, { signal: limit.signal });
    if (await fetchListed(scoring, client, path.join(run.folder, 'model'))) return;
  } catch (error) {
    if (!limit.signal.aborted || progress.signal.aborted) throw error;
    throw failed(scoring, 'was not downloaded within evaluate.timeout; allow more, or log a smaller model.');
  } finally {
    limit.end();
  }
  await downloadUnlisted(scoring, run);
}

/** @returns whether MLflow can list the version's files; they are in the folder then */
async function fetchListed(scoring: Scoring, client: MlflowClient, folder: string): Promise<boolean> {
  const version = await findVersion(scoring, client);
  const location = await locateVersion(client, version);
  if (location === null) return false;
  const files = await listModelFiles(client, location);
  if (!isComplete(files)) {
    throw new WatchtowerError(
      'ModelFilesMissing',
      `Version ${version.version} of ${version.name} can't be scored: ${location.source} lacks its MLmodel or the files beside it.`,
    );
  }
  await fetchModel(client, location, files, {
    folder,
    progress: (read) => {
      const megabytes = (read.bytes / 1e6).toFixed(1);
      scoring.progress.line(`downloading file ${read.files + 1} of ${files.length}: ${megabytes} MB so far`);
    },
  });
  return true;
}

async function findVersion(scoring: Scoring, client: MlflowClient): Promise<ModelVersion> {
  const { registered_model, version } = scoring.version;
  try {
    return await readVersion(client, registered_model, version);
  } catch (error) {
    if (!isRefusal(error, 'RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE')) throw error;
    throw failed(scoring, `is not in MLflow: ${error.message}`);
  }
}

async function downloadUnlisted(
  scoring: Scoring,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<void> {
  const { environment, version } = scoring;
  const home = path.join(folder, 'home-of-download');
  await mkdir(home);
  await runScorer(scoring, 'download_model', {
    python,
    folder,
    environment: downloadingEnvironment(environment, home),
    job: {
      model_uri: `models:/${version.registered_model}/${version.version}`,
      folder: path.join(folder, 'model'),
    },
  });
}

const failed = ({ version }: Scoring, why: string) =>
  new WatchtowerError('ScoringFailed', `Version ${version.version} of ${version.registered_model} ${why}`);
