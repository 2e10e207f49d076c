import { join } from 'node:path';
import { readDefinitionFile } from '@watchtower/client';
import { definitionInput } from '@watchtower/contracts';
import { repositoryRoot } from '../repository.ts';

export const flightsFolder = join(repositoryRoot, 'examples', 'flights');

/** The example's definition as the API takes it, and where MLflow has its champion. */
export async function flightsDefinition() {
  const body = await readDefinitionFile(join(flightsFolder, 'watchtower.yaml'));
  const { model, registered_model, promote } = definitionInput.parse(body);
  return { model, registeredModel: registered_model ?? model, alias: promote.alias, body };
}
