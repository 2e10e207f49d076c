import { type Digest, type ModelDefinition, modelDefinition, WatchtowerError } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';

export interface StoredDefinition {
  readonly definition: ModelDefinition;
  readonly version: number;
  readonly digest: Digest;
}

/** A model's definition of one version. @throws WatchtowerError `UnknownModel` */
export async function readDefinition(
  database: Database,
  model: string,
  version: number,
): Promise<StoredDefinition> {
  const row = await database.modelDefinition.findUnique({ where: { model_version: { model, version } } });
  if (!row) {
    throw new WatchtowerError('UnknownModel', `There is no version ${version} of a model named "${model}".`);
  }
  return { definition: modelDefinition.parse(row.definition), version, digest: row.digest as Digest };
}

/** A model's current definition. @throws WatchtowerError `UnknownModel`, which names those there are */
export async function readCurrentDefinition(database: Database, model: string): Promise<StoredDefinition> {
  const row = await database.model.findUnique({ where: { name: model } });
  if (row) return readDefinition(database, model, row.current_version);
  const known = await database.model.findMany({ select: { name: true }, orderBy: { name: 'asc' }, take: 20 });
  const names = known.map(({ name }) => `"${name}"`).join(', ');
  throw new WatchtowerError(
    'UnknownModel',
    `No model "${model}" is defined. ${names === '' ? 'None is yet' : `Known models: ${names}`}. ` +
      'Define one with "watchtower apply -f watchtower.yaml".',
  );
}
