import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from '../repository.ts';

export const flightsFolder = join(repositoryRoot, 'examples', 'flights');

const definition = z.looseObject({
  model: z.string(),
  registered_model: z.string().optional(),
  promote: z.object({ alias: z.string().optional() }).optional(),
});

/** The example's definition as the API takes it: its paths start from the example's folder. */
export async function flightsDefinition() {
  const text = await readFile(join(flightsFolder, 'watchtower.yaml'), 'utf8');
  const { model, registered_model, promote, ...rest } = definition.parse(parse(text));
  return {
    model,
    registeredModel: registered_model ?? model,
    alias: promote?.alias ?? 'champion',
    body: { ...rest, model, registered_model, promote, base_dir: flightsFolder },
  };
}
