import type { ColumnRole, ColumnType } from '@watchtower/contracts';

/** Numbers, or datetimes as milliseconds since 1970 (UTC), one for each row. */
export interface NumericColumn {
  readonly kind: 'numeric';
  readonly name: string;
  readonly type: Extract<ColumnType, 'numeric' | 'discrete' | 'datetime'>;
  readonly role: ColumnRole;
  /** NaN where the row has no value; ±∞ are values. */
  readonly values: Float64Array;
}

/** Categories, counted: nothing here hangs on which row holds which. */
export interface CategoricalColumn {
  readonly kind: 'categorical';
  readonly name: string;
  readonly type: Extract<ColumnType, 'categorical' | 'boolean'>;
  readonly role: ColumnRole;
  /** Distinct. */
  readonly levels: readonly string[];
  /** Rows of each level, in the order of `levels`. */
  readonly counts: readonly number[];
  /** Rows without a value. */
  readonly missing: number;
  /** Where a column has more levels than are kept: what the others hold. */
  readonly rest?: RestOfLevels | undefined;
}

/** Levels beyond those that are kept: how many there are, and their rows. */
export interface RestOfLevels {
  readonly levels: number;
  readonly rows: number;
}

/** One column of a window. */
export type Column = NumericColumn | CategoricalColumn;

/** One window's rows by column; the names are distinct. */
export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** Rows that have a value. */
export function presentRows(column: Column): number {
  if (column.kind === 'categorical') {
    return column.counts.reduce((sum, count) => sum + count, column.rest?.rows ?? 0);
  }
  let present = 0;
  for (const value of column.values) if (!Number.isNaN(value)) present += 1;
  return present;
}

/** Whether any row has a value: usually the first one has. */
export const hasValues = (column: Column): boolean =>
  column.kind === 'categorical'
    ? presentRows(column) > 0
    : column.values.some((value) => !Number.isNaN(value));
