import type { ColumnValues } from '../data/index.ts';

/**
 * A class as text, so that 1, 1.0, true and "1" are the same class in truth, prediction and definition
 * alike. The scorer spells classes by the same rule.
 */
export const classLabel = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? String(Number(value)) : String(value);

/** The classes of a column, row by row; a missing one is the empty text. */
export const classLabels = (column: ColumnValues): readonly string[] =>
  column.kind === 'texts'
    ? column.values.map((value) => value ?? '')
    : Array.from(column.values, (value) => (Number.isNaN(value) ? '' : classLabel(value)));

/** The numbers of a column, row by row; NaN where there is none. */
export const numbers = (column: ColumnValues): Float64Array =>
  column.kind === 'numbers'
    ? column.values
    : Float64Array.from(column.values, (value) => (value === null ? Number.NaN : Number(value)));
