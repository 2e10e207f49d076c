import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import type { ReferenceProfile } from '@watchtower/drift';
import { columnNotThere } from '../data/data-failures.ts';
import type { FilesInput } from './files-input.ts';

type Named = Pick<FilesInput, 'target' | 'prediction' | 'columnSettings'>;

/**
 * Refuses settings that speak of columns which are not there, or of one column as two things.
 *
 * @param names of the reference's columns; @param source what a message calls it
 * @throws WatchtowerError `TargetMissing`, `ColumnMissing`, `InvalidRequest`
 */
export function requireNamed(
  { target, prediction, columnSettings }: Named,
  names: readonly string[],
  source: string,
): void {
  if (target !== undefined && target === prediction) {
    throw new WatchtowerError(
      'InvalidRequest',
      `"${target}" is named as the target and as the prediction. Name two columns.`,
    );
  }
  const known = new Set(names);
  if (target !== undefined && !known.has(target)) {
    throw columnNotThere('TargetMissing', target, 'the target', source, names);
  }
  const told = [...(prediction === undefined ? [] : [prediction]), ...Object.keys(columnSettings)];
  const absent = told.find((name) => !known.has(name));
  if (absent !== undefined)
    throw columnNotThere('ColumnMissing', absent, 'a column of the settings', source, names);
}

/**
 * The same for a profile, which holds no column that is not compared, and whose types are settled.
 *
 * @throws WatchtowerError as above, and `ProfileInvalid`
 */
export function requireInProfile(named: Named, profile: ReferenceProfile): void {
  const types = new Map(profile.columns.map(({ name, type }) => [name, type]));
  const compared = Object.entries(named.columnSettings).filter(
    ([name, { role }]) => types.has(name) || role === undefined || !leftOutRoles.has(role),
  );
  const columnSettings = Object.fromEntries(compared);
  requireNamed({ ...named, columnSettings }, [...types.keys()], 'The profile');
  for (const [name, { type }] of compared) {
    if (type !== undefined && type !== types.get(name)) {
      throw new WatchtowerError(
        'ProfileInvalid',
        `The profile holds "${name}" as ${types.get(name)}, and the settings say ${type}. Make it with the same settings.`,
      );
    }
  }
}

const leftOutRoles: ReadonlySet<string> = new Set(['ignored', 'identifier', 'time']);
