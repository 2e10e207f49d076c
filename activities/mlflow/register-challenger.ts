import { type RegisteredVersion, registeredVersion } from '@watchtower/contracts';
import type { MlflowActivities } from '../interfaces/mlflow.ts';
import type { MlflowClient } from './mlflow-client.ts';
import {
  createVersion,
  ensureRegisteredModel,
  findVersionsOfRun,
  tagVersion,
  versionTags,
} from './registry.ts';

/** Registers the version of one MLflow run, once: where creations raced, the lowest number is the one. */
export async function registerChallenger(
  client: MlflowClient,
  input: Parameters<MlflowActivities['registerChallenger']>[0],
): Promise<RegisteredVersion> {
  const { registered_model: name, mlflow_run_id, model_source: source } = input;
  const tags = {
    [versionTags.training]: input.training_id,
    [versionTags.run]: input.run_id,
    [versionTags.windowFrom]: input.data_window.from,
    [versionTags.windowTo]: input.data_window.to,
  };
  await ensureRegisteredModel(client, name);
  const [found] = await findVersionsOfRun(client, name, mlflow_run_id);
  const version = found ?? (await createVersion(client, { name, source, run_id: mlflow_run_id, tags }));
  await tagVersion(client, version, tags);
  return registeredVersion.parse({
    registered_model: name,
    version: version.version,
    mlflow_run_id,
    source: version.source,
  });
}
