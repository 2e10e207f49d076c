import type { ColumnProfile, Measurement, NumericPicture, Workspace } from '@watchtower/drift';
import type { DuckDbConnection } from '../data/duckdb.ts';
import type { FlatReader } from '../data/flat-reader.ts';
import type { PairedColumn } from './comparison-plan.ts';

/** What became of one column. */
export interface ColumnResult {
  /** Its place in the plan. */
  readonly index: number;
  /** Null where only a profile was made. */
  readonly measurement: Measurement | null;
  readonly picture: NumericPicture | null;
  /** Null where a window was compared. */
  readonly profile: ColumnProfile | null;
}

/** One thread's connection and memory, used for all its tasks. */
export interface Bench {
  readonly connection: DuckDbConnection;
  readonly workspace: Workspace;
  /** Readers of the windows that need no DuckDB. */
  readonly flat: { readonly reference: FlatReader | null; readonly current: FlatReader | null };
  /** Called as rows are read; throws where the work was cancelled. */
  readonly onRows: (rows: number) => void;
}

/** A column and its place in the plan. */
export type Placed = PairedColumn & { readonly index: number };

export const resultOf = (
  { index }: Placed,
  measurement: Measurement | null,
  more: Partial<ColumnResult> = {},
): ColumnResult => ({ index, measurement, picture: null, profile: null, ...more });

/** A column that has no result of its own, and costs no other its result. */
export const cannotBeRead = ({ name, type, role }: PairedColumn, reason: string): Measurement => ({
  name,
  type,
  role,
  facets: [],
  obstacle: { status: 'error', reason },
  statistics: {},
  missing: { reference: 0, current: 0, p_value: 1 },
  newCategories: [],
  vanishedCategories: [],
  bins: [],
});
