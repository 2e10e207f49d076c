import type { ColumnRole } from '@watchtower/contracts';
import type { Column, NumericColumn, Table } from './table.ts';

/** One value of a column; null and undefined, like NaN, are missing. */
export type Value = number | bigint | string | boolean | Date | null | undefined;

/**
 * A column of plain values, as JavaScript programs hold them. Numbers and bigints become `numeric` (as doubles, so that whole
 * numbers beyond 2^53 are rounded), dates `datetime` (milliseconds since 1970), booleans `boolean`, texts `categorical`. A
 * `Float64Array` is taken as it stands, without a copy.
 *
 * @param values one for each row, all of one kind beside the missing ones; a column without any value is `numeric`
 * @throws TypeError where values of two kinds stand in one column, with the place of the first that differs
 */
export function columnOf(
  name: string,
  values: Float64Array | readonly Value[],
  role: ColumnRole = 'feature',
): Column {
  if (values instanceof Float64Array) return { kind: 'numeric', name, type: 'numeric', role, values };
  const kinds = values.map(kindOf);
  const kind = kinds.find((each) => each !== 'missing') ?? 'number';
  const other = kinds.findIndex((each) => each !== 'missing' && each !== kind);
  if (other >= 0) {
    throw new TypeError(
      `Column "${name}" holds values of kind ${kind}; its row ${other} is a ${kinds[other]}.`,
    );
  }
  if (kind === 'number') return numeric('numeric', Float64Array.from(values, numberOf));
  if (kind === 'date') return numeric('datetime', Float64Array.from(values, numberOf));
  const counts = new Map<string, number>();
  let missing = 0;
  for (const value of values) {
    if (value === null || value === undefined) missing += 1;
    else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  const type = kind === 'boolean' ? 'boolean' : 'categorical';
  return {
    kind: 'categorical',
    name,
    type,
    role,
    levels: [...counts.keys()],
    counts: [...counts.values()],
    missing,
  };

  function numeric(type: NumericColumn['type'], numbers: Float64Array): NumericColumn {
    return { kind: 'numeric', name, type, role, values: numbers };
  }
}

/**
 * A table of columns of the same length.
 *
 * @param columns values by name
 * @param roles of the columns that are no features
 * @throws TypeError where two columns differ in length, or a column holds values of two kinds
 */
export function tableOf(
  columns: Readonly<Record<string, Float64Array | readonly Value[]>>,
  roles: Readonly<Record<string, ColumnRole>> = {},
): Table {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].length ?? 0;
  for (const [name, { length }] of entries) {
    if (length !== rows) throw new TypeError(`Column "${name}" has ${length} rows, the first one ${rows}.`);
  }
  return { rows, columns: entries.map(([name, values]) => columnOf(name, values, roles[name])) };
}

function kindOf(value: Value): 'missing' | 'number' | 'text' | 'boolean' | 'date' {
  if (value === null || value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'date';
}

const numberOf = (value: Value): number =>
  value === null || value === undefined ? Number.NaN : Number(value);
