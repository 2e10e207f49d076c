import type { ModelDefinition, TimeWindow } from '@watchtower/contracts';
import { readingFrom } from './data-failures.ts';
import { countOf, withDuckDb } from './duckdb.ts';
import { identifier, literal } from './sql.ts';
import { windowRelation } from './window-relation.ts';

export interface ExportedRows {
  /** Rows written. */
  readonly rows: number;
  /** Rows of the window without a target; with `labelledOnly` they are not among `rows`. */
  readonly unlabelled: number;
}

/**
 * Writes a window's rows with all their columns to a Parquet file, ordered by time and then by every column:
 * the same data gives the same file, whatever its files' order was.
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `ColumnMissing`,
 * `TargetMissing`
 */
export function exportRows(
  definition: ModelDefinition,
  window: TimeWindow,
  file: string,
  options: { readonly labelledOnly: boolean },
): Promise<ExportedRows> {
  return withDuckDb(async (connection) => {
    const { relation, columns, source, empty } = await windowRelation(connection, definition, window);
    return readingFrom(source, async () => {
      const target = identifier(definition.data.target);
      const time = identifier(definition.data.time_column);
      const all = await countOf(connection, `SELECT count(*) FROM ${relation}`);
      if (all === 0) return empty();
      const labelled = await countOf(connection, `SELECT count(${target}) FROM ${relation}`);
      const condition = options.labelledOnly ? `WHERE ${target} IS NOT NULL` : '';
      const order = [time, ...columns.map((column) => identifier(column.name))].join(', ');
      await connection.run(
        `COPY (SELECT * FROM ${relation} ${condition} ORDER BY ${order}) TO ${literal(file)} (FORMAT parquet)`,
      );
      return { rows: options.labelledOnly ? labelled : all, unlabelled: all - labelled };
    });
  });
}
