import type { ColumnRole, ColumnSettings, ColumnType } from '@watchtower/contracts';
import type { ColumnProfile, DriftSettings } from '@watchtower/drift';
import type { FlatFiles } from '../data/flat-files.ts';

/** One window's rows, as something to select from. */
export interface Rows {
  readonly relation: string;
  readonly rows: number;
  /** The same rows as columns that are read without DuckDB; null where it has to read them. */
  readonly flat: FlatFiles | null;
  /** What a message calls the data. */
  readonly source: string;
}

export interface PairedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: ColumnRole;
  /** Named by somebody, so that nothing about the values makes it discrete, or a name of rows. */
  readonly typeIsGiven: boolean;
  readonly roleIsGiven: boolean;
  /** DuckDB's types of the column in either window; null where it has none of this name. */
  readonly referenceType: string | null;
  readonly currentType: string | null;
  /** What was kept of the reference, where its rows are not read. */
  readonly profile: ColumnProfile | null;
}

/** Everything the threads need: plain data, so that it can be handed to them. */
export interface ComparisonPlan {
  /** Null where the reference is a profile. */
  readonly reference: Rows | null;
  /** Null where only a profile of the reference is made. */
  readonly current: Rows | null;
  readonly referenceRows: number;
  readonly columns: readonly PairedColumn[];
  readonly settings: DriftSettings;
  readonly columnSettings: Readonly<Record<string, ColumnSettings>>;
  /** Sentences about columns that are not compared and do not stand in the report. */
  readonly notes: readonly string[];
  /** Whether drawings of columns are wanted beside the report. */
  readonly pictures: boolean;
}

/** Columns that are read and measured together, by their place in the plan. */
export interface Task {
  readonly kind: 'numbers' | 'categories';
  readonly columns: readonly number[];
}

const numericTypes: ReadonlySet<ColumnType> = new Set(['numeric', 'discrete', 'datetime']);
export const isNumeric = (type: ColumnType): boolean => numericTypes.has(type);

/**
 * Bytes of values a thread holds at a time, where single columns are not larger. A query of DuckDB's has costs of its own, and is
 * to read many columns; without it a column by itself stays nearest to the core.
 */
const batchBytes = { query: 96 * 1024 * 1024, flat: 8 * 1024 * 1024 };
/** Each query looks through all columns of a file: the fewer the better where rows are few. */
const mostColumns = 2048;

/** Batches of numbers of about equal size, as many as keep all threads busy, and categories one by one. */
export function tasksOf(plan: ComparisonPlan, threads: number): readonly Task[] {
  const indices = plan.columns.map((_, index) => index);
  const numeric = indices.filter((index) => isNumeric(plan.columns[index]?.type ?? 'categorical'));
  const bytes = 8 * ((plan.reference?.rows ?? 0) + (plan.current?.rows ?? 0));
  const isFlat = [plan.reference, plan.current].every((rows) => rows === null || rows.flat !== null);
  const together = isFlat ? batchBytes.flat : batchBytes.query;
  const most = Math.max(1, Math.min(mostColumns, Math.floor(together / Math.max(1, bytes))));
  const rounds = Math.ceil(numeric.length / (most * threads));
  const size = Math.max(1, Math.ceil(numeric.length / Math.max(1, rounds * threads)));
  const batches = Array.from(
    { length: Math.ceil(numeric.length / size) },
    (_, i): Task => ({
      kind: 'numbers',
      columns: numeric.slice(i * size, (i + 1) * size),
    }),
  );
  const isNumbers = new Set(numeric);
  const categories = indices
    .filter((index) => !isNumbers.has(index))
    .map((index): Task => ({ kind: 'categories', columns: [index] }));
  // The small and even tasks last: no thread waits long for another one.
  return isFlat ? [...categories, ...batches] : [...batches, ...categories];
}

/** Below this many values starting a thread takes longer than it saves. */
const manyValues = 2_000_000;

export const isLarge = ({ reference, current, columns }: ComparisonPlan): boolean =>
  ((reference?.rows ?? 0) + (current?.rows ?? 0)) * columns.length >= manyValues;
