import { columnNotThere, readingFrom } from './data-failures.ts';
import { countOf, visitRows, withDuckDb } from './duckdb.ts';
import { fileRelation } from './file-relation.ts';
import { columnsOf } from './relation-columns.ts';
import { identifier } from './sql.ts';
import { streamNumbers } from './stream-numbers.ts';

/** One column in the file's row order. */
export type ColumnValues =
  /** NaN where there is no value. */
  | { readonly kind: 'numbers'; readonly values: Float64Array }
  | { readonly kind: 'texts'; readonly values: readonly (string | null)[] };

/**
 * Columns of a Parquet file (predictions, targets), row by row. Numbers and booleans (0, 1) come as numbers,
 * all else as text; `as` settles it for columns that must be comparable.
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `ColumnMissing`
 */
export function readValues(
  file: string,
  names: readonly string[],
  as: 'stored' | 'texts' = 'stored',
): Promise<ReadonlyMap<string, ColumnValues>> {
  return withDuckDb(async (connection) => {
    const { relation } = await fileRelation(connection, { path: file, format: 'parquet' }, '.');
    return readingFrom(file, async () => {
      const columns = await columnsOf(connection, relation);
      const read = new Map<string, ColumnValues>();
      const rows = await countOf(connection, `SELECT count(*) FROM ${relation}`);
      for (const name of names) {
        const column = columns.find((each) => each.name === name);
        if (column === undefined) {
          throw columnNotThere(
            'ColumnMissing',
            name,
            'read',
            file,
            columns.map((each) => each.name),
          );
        }
        const numbers = as === 'stored' && (column.type === 'numeric' || column.type === 'boolean');
        read.set(name, numbers ? await readNumbers(name) : await readTexts(name));
      }
      return read;

      async function readNumbers(name: string): Promise<ColumnValues> {
        const values = new Float64Array(rows);
        await streamNumbers(connection, relation, [{ name, type: 'numeric', sqlType: '' }], [values]);
        return { kind: 'numbers', values };
      }

      async function readTexts(name: string): Promise<ColumnValues> {
        const values: (string | null)[] = [];
        const sql = `SELECT ${identifier(name)} FROM ${relation}`;
        await visitRows(connection, sql, ([value = null]) => values.push(value));
        return { kind: 'texts', values };
      }
    });
  }, 1);
}
