import { createMlflowClient, type MlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { readAlias, setAlias } from '@watchtower/activities/mlflow/registry';
import { z } from 'zod';
import { StackError } from '../stack-error.ts';

/** The registered model of the example, and the alias under which its champion stands. */
export interface Registered {
  readonly registeredModel: string;
  readonly alias: string;
}

/** Set by the example's seed_champion.py on the version it registers. */
const seedFilter = "tags.`watchtower.seed` = 'true'";
const found = z.object({ model_versions: z.array(z.object({ version: z.string() })).default([]) });

/** The embedded MLflow, which asks nobody for a password. */
export const embeddedMlflow = (url: string): MlflowClient =>
  createMlflowClient({
    MLFLOW_TRACKING_URI: url,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  });

/** The version MLflow itself names under the alias: what the demo has to show for. */
export async function championVersion(mlflow: MlflowClient, model: Registered): Promise<string> {
  const version = await readAlias(mlflow, model.registeredModel, model.alias);
  if (version !== null) return version.version;
  throw new StackError(`MLflow names no version of ${model.registeredModel} under the alias ${model.alias}.`);
}

/**
 * Sets the alias back to the version that an earlier demo registered first, so that it can be played again: what
 * seed_champion.py does as well, after the seconds in which Python loads MLflow.
 *
 * @returns that version, or undefined where none was ever seeded
 */
export async function resetChampion(mlflow: MlflowClient, model: Registered): Promise<string | undefined> {
  const filter = `name = '${model.registeredModel}' and ${seedFilter}`;
  const { model_versions } = await mlflow.get('api/2.0/mlflow/model-versions/search', { filter }, found);
  const [first] = model_versions.map(({ version }) => version).sort((a, b) => Number(a) - Number(b));
  if (first !== undefined) await setAlias(mlflow, model.registeredModel, model.alias, first);
  return first;
}
