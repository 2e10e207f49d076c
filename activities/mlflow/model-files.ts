import { WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import { isRefusal, type MlflowClient } from './mlflow-client.ts';
import { isChildOf } from './model-path.ts';
import { readRun } from './runs.ts';
import { fileList, type LoggedModel, loggedModel, type MlflowRun, type ModelVersion } from './shapes.ts';

const api = 'api/2.0/mlflow';
/** Files and folders. */
const mostEntries = 10_000;

/** A model's files: MLflow 3 keeps a logged model apart from its run, MLflow 2 below the run's artifacts. */
export type ModelLocation =
  | { readonly layout: 'logged_model'; readonly model_id: string; readonly source: string }
  | {
      readonly layout: 'run_artifacts';
      readonly run_id: string;
      readonly path: string;
      readonly source: string;
    };

export interface ModelFile {
  /** Relative to the model's folder, and safe to write to below another: no name in it leads elsewhere. */
  readonly path: string;
  /** Zero also where MLflow does not know. */
  readonly bytes: number;
}

/** The model a run logged: the newest complete one, or a folder with an `MLmodel` among its artifacts; else null. */
export async function findModel(client: MlflowClient, run: MlflowRun): Promise<ModelLocation | null> {
  const models = await Promise.all(
    run.outputs.model_outputs.map(({ model_id }) => readLoggedModel(client, model_id)),
  );
  const newest = models
    .filter(({ info }) => info.status === 'LOGGED_MODEL_READY')
    .toSorted((a, b) => b.info.creation_timestamp_ms - a.info.creation_timestamp_ms)
    .at(0);
  if (newest) {
    const { model_id } = newest.info;
    return { layout: 'logged_model', model_id, source: `models:/${model_id}` };
  }
  const { run_id, artifact_uri } = run.info;
  const folders = (await listRunArtifacts(client, run_id, '')).filter(({ is_dir }) => is_dir);
  for (const { path } of folders) {
    const inside = await listRunArtifacts(client, run_id, path);
    if (inside.some((file) => file.path === `${path}/MLmodel`)) {
      return { layout: 'run_artifacts', run_id, path, source: `${artifact_uri}/${path}` };
    }
  }
  return null;
}

/** Where a registered version's files are; null where MLflow can't list them (a source outside its artifact store). */
export async function locateVersion(
  client: MlflowClient,
  version: ModelVersion,
): Promise<ModelLocation | null> {
  const { source, run_id } = version;
  const logged = /^models:\/(m-[0-9a-f]+)$/.exec(source)?.[1];
  if (logged) return { layout: 'logged_model', model_id: logged, source };
  if (run_id === null) return null;
  const { artifact_uri } = (await readRun(client, run_id)).info;
  const path = source.startsWith(`${artifact_uri}/`) ? source.slice(artifact_uri.length + 1) : '';
  const folder = path.replace(/\/+$/, '');
  return folder ? { layout: 'run_artifacts', run_id, path: folder, source } : null;
}

/**
 * All files of a model, sorted by path; none where it does not exist. What a server lists is not believed: it has to be
 * a tree, below the model's folder.
 *
 * @throws WatchtowerError `MlflowUnavailable`; `MlflowRejected` where it is no tree, or too large a one
 */
export async function listModelFiles(
  client: MlflowClient,
  location: ModelLocation,
): Promise<readonly ModelFile[]> {
  const root = location.layout === 'logged_model' ? '' : location.path;
  const list = (folder: string) =>
    location.layout === 'logged_model'
      ? listLoggedModel(client, location.model_id, folder)
      : listRunArtifacts(client, location.run_id, folder);
  const files: ModelFile[] = [];
  const folders = [root];
  const seen = new Set<string>();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { path, is_dir, file_size } of await list(folder)) {
      // Some stores list a folder as one of its own files.
      if (path === folder || path === '.') continue;
      if (seen.has(path) || !isChildOf(folder, path)) throw notATree(location, path);
      seen.add(path);
      if (seen.size > mostEntries) throw tooMany(location);
      if (is_dir) folders.push(path);
      else files.push({ path: root ? path.slice(root.length + 1) : path, bytes: file_size ?? 0 });
    }
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A model is there when its `MLmodel` and at least one file it speaks of are: MLflow itself does not check. */
export function isComplete(files: readonly ModelFile[]): boolean {
  return files.some(({ path }) => path === 'MLmodel') && files.length > 1;
}

async function readLoggedModel(client: MlflowClient, id: string): Promise<LoggedModel> {
  const path = `${api}/logged-models/${encodeURIComponent(id)}`;
  return (await client.get(path, {}, z.object({ model: loggedModel }))).model;
}

async function listLoggedModel(client: MlflowClient, id: string, folder: string) {
  const path = `${api}/logged-models/${encodeURIComponent(id)}/artifacts/directories`;
  const query: Record<string, string> = folder ? { artifact_directory_path: folder } : {};
  return (await absentAsEmpty(client.get(path, query, fileList))).files;
}

async function listRunArtifacts(client: MlflowClient, runId: string, folder: string) {
  const query: Record<string, string> = folder ? { run_id: runId, path: folder } : { run_id: runId };
  return (await absentAsEmpty(client.get(`${api}/artifacts/list`, query, fileList))).files;
}

async function absentAsEmpty(answer: Promise<z.infer<typeof fileList>>): Promise<z.infer<typeof fileList>> {
  try {
    return await answer;
  } catch (error) {
    if (isRefusal(error, 'RESOURCE_DOES_NOT_EXIST')) return { files: [] };
    throw error;
  }
}

function notATree({ source }: ModelLocation, path: string): WatchtowerError {
  return new WatchtowerError(
    'MlflowRejected',
    `MLflow lists ${JSON.stringify(path.slice(0, 200))} among the files of ${source}, where no such file can be. Log the model again, and check MLFLOW_TRACKING_URI.`,
  );
}

function tooMany({ source }: ModelLocation): WatchtowerError {
  return new WatchtowerError(
    'MlflowRejected',
    `${source} has more than ${mostEntries} files and folders: log a model, not a data set.`,
  );
}
