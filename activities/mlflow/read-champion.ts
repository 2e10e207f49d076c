import { type ChampionInfo, championInfo, type ModelName, type RunId } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { MlflowClient } from './mlflow-client.ts';
import { readAlias, readVersion, trainingWindowOf } from './registry.ts';
import type { ModelVersion } from './shapes.ts';

interface Alias {
  readonly registered_model: ModelName;
  readonly alias: string;
}

/** The version under the alias, or null where the alias or the model does not exist. */
export async function readChampion(
  client: MlflowClient,
  { registered_model, alias }: Alias,
): Promise<ChampionInfo | null> {
  const version = await readAlias(client, registered_model, alias);
  return version && infoOf(registered_model, version);
}

/**
 * The champion a run is compared with. After a reset of its workflow a run's own promotion may be in effect already: the
 * evidence then rests on the champion that it replaced, as it did the first time.
 */
export async function readWatchedChampion(
  database: Pick<Database, 'promotion'>,
  client: MlflowClient,
  { run_id, registered_model, alias }: Alias & { readonly run_id: RunId },
): Promise<ChampionInfo | null> {
  const champion = await readChampion(client, { registered_model, alias });
  if (!champion) return null;
  const own = await database.promotion.findFirst({
    where: { run_id, registered_model, alias, version: champion.version },
  });
  if (!own) return champion;
  if (own.previous_version === null) return null;
  return infoOf(registered_model, await readVersion(client, registered_model, own.previous_version));
}

function infoOf(registered_model: ModelName, version: ModelVersion): ChampionInfo {
  return championInfo.parse({
    registered_model,
    version: version.version,
    mlflow_run_id: version.run_id,
    source: version.source,
    training_window: trainingWindowOf(version),
  });
}
