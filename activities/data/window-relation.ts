import type { ModelDefinition, TimeWindow } from '@watchtower/contracts';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { columnNotThere } from './data-failures.ts';
import { type DuckDbConnection, rowsOf } from './duckdb.ts';
import { fileRelation } from './file-relation.ts';
import { columnsOf, type RelationColumn } from './relation-columns.ts';
import { identifier, timestamp } from './sql.ts';
import { syntheticRelation } from './synthetic-relation.ts';

/** One window of a definition's data as something to select from. */
export interface WindowRelation {
  readonly relation: string;
  /** All columns of the data, the time column and the target included. */
  readonly columns: readonly RelationColumn[];
  /** What a message calls the data. */
  readonly source: string;
  /** Whether reading it column by column costs no more than reading it once. */
  readonly columnar: boolean;
  /** Fails with `DataEmpty`, and says what the data covers instead. */
  readonly empty: () => Promise<never>;
}

/**
 * Rows with `from <= time < to`; rows without a time belong to no window.
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `ColumnMissing`, `TargetMissing`
 */
export async function windowRelation(
  connection: DuckDbConnection,
  definition: ModelDefinition,
  window: TimeWindow,
): Promise<WindowRelation> {
  const { data } = definition;
  const synthetic = data.source.type === 'synthetic';
  const source = data.source.type === 'synthetic' ? 'The synthetic source' : data.source.path;
  const files =
    data.source.type === 'synthetic'
      ? null
      : await fileRelation(connection, data.source, definition.base_dir);
  const all =
    data.source.type === 'synthetic' ? syntheticRelation(data.source, window) : (files?.relation ?? '');
  const columns = files?.columns ?? (await columnsOf(connection, all));
  const time = requireColumns(definition, columns, source);
  const relation = synthetic
    ? all
    : `(SELECT * FROM ${all} WHERE ${time} >= ${timestamp(window.from)} AND ${time} < ${timestamp(window.to)})`;
  const empty = async (): Promise<never> => {
    const [row] = await rowsOf(connection, `SELECT min(${time})::VARCHAR, max(${time})::VARCHAR FROM ${all}`);
    const covers = row?.[0] ? `its rows lie between ${row[0]} and ${row[1]} (UTC)` : 'it has no rows at all';
    throw new WatchtowerError(
      'DataEmpty',
      `${source} holds no rows from ${window.from} to ${window.to}: ${covers}. Change the window or add data.`,
    );
  };
  return { relation, columns, source, columnar: files?.format === 'parquet', empty };
}

/** @returns the time column as a TIMESTAMP expression */
function requireColumns(
  definition: ModelDefinition,
  columns: readonly RelationColumn[],
  source: string,
): string {
  const { data } = definition;
  const names = columns.map((column) => column.name);
  const time = columns.find((column) => column.name === data.time_column);
  if (time === undefined) {
    throw columnNotThere('ColumnMissing', data.time_column, 'the time of a row', source, names);
  }
  if (time.type !== 'datetime' && time.type !== 'categorical') {
    throw new WatchtowerError(
      'ColumnMissing',
      `The time column "${time.name}" of ${source} holds ${time.sqlType}, not dates or timestamps. Name another.`,
    );
  }
  if (!names.includes(data.target)) {
    throw columnNotThere('TargetMissing', data.target, 'the target', source, names);
  }
  const named = [...(data.prediction === undefined ? [] : [data.prediction]), ...Object.keys(data.columns)];
  const absent = named.find((name) => !names.includes(name));
  if (absent !== undefined) {
    throw columnNotThere('ColumnMissing', absent, 'a column of the definition', source, names);
  }
  const quoted = identifier(time.name);
  // Compared as it stands where it can be, so that Parquet's row groups outside the window are never read.
  return time.sqlType === 'TIMESTAMP' ? quoted : `CAST(${quoted} AS TIMESTAMP)`;
}
