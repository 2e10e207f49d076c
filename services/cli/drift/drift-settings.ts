import path from 'node:path';
import { parseYaml, readYamlText } from '@watchtower/client/definition-file';
import { type DriftConfig, definitionInput, driftConfig } from '@watchtower/contracts';

/**
 * Reads `--config`: a file with the keys `target`, `prediction`, `columns` and `drift`, or a model's definition, of which the
 * same parts are taken.
 *
 * @throws WatchtowerError `InvalidDefinition` that names every problem with its place
 */
export async function readDriftConfig(folder: string, file: string): Promise<DriftConfig> {
  const text = await readYamlText(path.resolve(folder, file), 'drift configuration');
  if (!/^model\s*:/m.test(text)) return parseYaml(text, file, driftConfig, 'drift configuration').data;
  const { data, drift } = parseYaml(text, file, definitionInput, 'definition').data;
  const { target, prediction, columns, time_column } = data;
  const time = { ...columns[time_column], role: 'time' as const };
  return {
    target,
    ...(prediction === undefined ? {} : { prediction }),
    columns: { ...columns, [time_column]: time },
    drift,
  };
}
