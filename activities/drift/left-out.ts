import type { RelationColumn } from '../data/relation-columns.ts';
import type { FilesInput } from './files-input.ts';

/** Of many columns this many are named. */
const mostNamed = 10;

/**
 * What the report does not speak of, in a sentence each: columns of a type that cannot be compared, and columns that only the
 * current data has.
 *
 * @param reference null where it is a profile; @param current null where only a profile is made
 */
export function leftOut(
  { reference: source, columnSettings }: FilesInput,
  reference: readonly RelationColumn[] | null,
  current: readonly RelationColumn[] | null,
): readonly string[] {
  const nested = (reference ?? []).filter(({ name, type }) => type === null && isWanted(name));
  const known = new Set(
    'profile' in source
      ? source.profile.columns.map(({ name }) => name)
      : (reference ?? []).map(({ name }) => name),
  );
  const added = (current ?? []).filter(
    ({ name, type }) => type !== null && !known.has(name) && isWanted(name),
  );
  return [
    ...sentence(
      'Not compared, being of a type that has neither an order nor categories',
      nested.map(({ name, sqlType }) => `${name} (${sqlType.slice(0, 40)})`),
    ),
    ...sentence(
      'Not compared, because the reference does not have it',
      added.map(({ name }) => name),
    ),
  ];

  function isWanted(name: string): boolean {
    const role = columnSettings[name]?.role;
    return role !== 'ignored' && role !== 'identifier' && role !== 'time';
  }
}

function sentence(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return [`${what}: ${names.slice(0, mostNamed).join(', ')}${more}.`];
}
