import {
  type ModelName,
  type RegisteredVersion,
  type RunId,
  registeredVersion,
  type TimeWindow,
  type TrainingId,
} from '@watchtower/contracts';
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
  input: {
    readonly training_id: TrainingId;
    readonly registered_model: ModelName;
    readonly mlflow_run_id: string;
    readonly model_source: string;
    readonly data_window: TimeWindow;
    readonly run_id: RunId;
  },
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
