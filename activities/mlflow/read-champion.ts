import { type ChampionInfo, championInfo, type ModelName } from '@watchtower/contracts';
import type { MlflowClient } from './mlflow-client.ts';
import { readAlias, trainingWindowOf } from './registry.ts';

/** The version under the alias, or null where the alias or the model does not exist. */
export async function readChampion(
  client: MlflowClient,
  { registered_model, alias }: { readonly registered_model: ModelName; readonly alias: string },
): Promise<ChampionInfo | null> {
  const version = await readAlias(client, registered_model, alias);
  if (!version) return null;
  return championInfo.parse({
    registered_model,
    version: version.version,
    mlflow_run_id: version.run_id,
    source: version.source,
    training_window: trainingWindowOf(version),
  });
}
