import { type TimeWindow, timeWindow } from '@watchtower/contracts';
import { z } from 'zod';
import { isRefusal, type MlflowClient } from './mlflow-client.ts';
import { acknowledged, type ModelVersion, modelVersion } from './shapes.ts';

const api = 'api/2.0/mlflow';
const oneVersion = z.object({ model_version: modelVersion });

export const versionTags = {
  training: 'watchtower.training_id',
  run: 'watchtower.run_id',
  windowFrom: 'watchtower.window_from',
  windowTo: 'watchtower.window_to',
  auditHead: 'watchtower.audit_head',
} as const;

/**
 * The version under an alias; null where the alias or the registered model does not exist. MLflow answers a missing
 * alias with 400 INVALID_PARAMETER_VALUE, as it does a malformed one: only the message tells them apart.
 */
export async function readAlias(
  client: MlflowClient,
  name: string,
  alias: string,
): Promise<ModelVersion | null> {
  try {
    const found = await client.get(`${api}/registered-models/alias`, { name, alias }, oneVersion);
    return found.model_version;
  } catch (error) {
    if (isRefusal(error, 'INVALID_PARAMETER_VALUE', 'RESOURCE_DOES_NOT_EXIST') && saysMissing(error.message))
      return null;
    throw error;
  }
}

function saysMissing(message: string): boolean {
  return /registered model alias \S+ not found|registered model with name=.* not found/i.test(message);
}

export async function setAlias(
  client: MlflowClient,
  name: string,
  alias: string,
  version: string,
): Promise<void> {
  await client.send('POST', `${api}/registered-models/alias`, { name, alias, version }, acknowledged);
}

/** @throws WatchtowerError `MlflowRejected` where there is none */
export async function readVersion(
  client: MlflowClient,
  name: string,
  version: string,
): Promise<ModelVersion> {
  return (await client.get(`${api}/model-versions/get`, { name, version }, oneVersion)).model_version;
}

/** Versions of a model that one MLflow run gave rise to, lowest number first. */
export async function findVersionsOfRun(
  client: MlflowClient,
  name: string,
  runId: string,
): Promise<readonly ModelVersion[]> {
  const found = await client.get(
    `${api}/model-versions/search`,
    { filter: `name = '${name}' and run_id = '${runId}'`, max_results: '100' },
    z.object({ model_versions: z.array(modelVersion).default([]) }),
  );
  return found.model_versions.toSorted((a, b) => Number(a.version) - Number(b.version));
}

export async function ensureRegisteredModel(client: MlflowClient, name: string): Promise<void> {
  try {
    await client.send('POST', `${api}/registered-models/create`, { name }, acknowledged);
  } catch (error) {
    if (!isRefusal(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
  }
}

export interface NewVersion {
  readonly name: string;
  readonly source: string;
  readonly run_id: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Not idempotent: search first. A logged model's version must name the model beside its source. */
export async function createVersion(
  client: MlflowClient,
  { name, source, run_id, tags }: NewVersion,
): Promise<ModelVersion> {
  const model = source.startsWith('models:/') ? { model_id: source.slice('models:/'.length) } : {};
  const body = {
    name,
    source,
    run_id,
    ...model,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  };
  return (await client.send('POST', `${api}/model-versions/create`, body, oneVersion)).model_version;
}

/** Writes the tags that the version does not carry yet. */
export async function tagVersion(
  client: MlflowClient,
  version: ModelVersion,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(tags)) {
    if (version.tags.some((tag) => tag.key === key && tag.value === value)) continue;
    const body = { name: version.name, version: version.version, key, value };
    await client.send('POST', `${api}/model-versions/set-tag`, body, acknowledged);
  }
}

/** The window a version was trained on, where its tags tell. */
export function trainingWindowOf(version: ModelVersion): TimeWindow | null {
  const tagged = (key: string) => version.tags.find((tag) => tag.key === key)?.value;
  const told = timeWindow.safeParse({
    from: tagged(versionTags.windowFrom),
    to: tagged(versionTags.windowTo),
  });
  return told.success && told.data.from < told.data.to ? told.data : null;
}
