import type { DuckDBConnection } from '@duckdb/node-api';
import type { CategoricalColumn, Column, NumericColumn, Table } from '@watchtower/drift';
import { countOf, rowsOf } from './duckdb.ts';
import type { PlannedColumn } from './planned-columns.ts';
import { identifier } from './sql.ts';

export type Progress = (done: { readonly rows: number; readonly columns: number }) => void;

const comparedRoles: ReadonlySet<string> = new Set(['feature', 'target', 'prediction']);

/** Numeric columns are read this many at a time: one at a time is slower, all at once costs memory. */
const batchSize = 8;

/** Reads the columns that are compared; categories are counted by DuckDB and never leave it row by row. */
export async function readPlanned(
  connection: DuckDBConnection,
  relation: string,
  planned: readonly PlannedColumn[],
  progress: Progress = () => {},
): Promise<Table> {
  const wanted = planned.filter((column) => comparedRoles.has(column.role));
  const rows = await countOf(connection, `SELECT count(*) FROM ${relation}`);
  const read = new Map<string, Column>();
  const numeric = wanted.filter((column) => isNumeric(column));
  for (let start = 0; start < numeric.length; start += batchSize) {
    const batch = numeric.slice(start, start + batchSize);
    const report = (done: number) => progress({ rows: done, columns: read.size });
    for (const column of await readNumbers(connection, relation, batch, rows, report))
      read.set(column.name, column);
  }
  for (const column of wanted.filter((each) => !isNumeric(each))) {
    read.set(column.name, await readCategories(connection, relation, column));
    progress({ rows, columns: read.size });
  }
  return { rows, columns: wanted.flatMap((column) => read.get(column.name) ?? []) };
}

const isNumeric = (column: PlannedColumn): boolean => column.type === 'numeric' || column.type === 'datetime';

async function readNumbers(
  connection: DuckDBConnection,
  relation: string,
  columns: readonly PlannedColumn[],
  rows: number,
  report: (done: number) => void,
): Promise<readonly NumericColumn[]> {
  const values = columns.map(() => new Float64Array(rows));
  const selected = columns.map((column) => asNumber(column)).join(', ');
  const result = await connection.stream(`SELECT ${selected} FROM ${relation}`);
  let done = 0;
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    for (const [index, target] of values.entries()) {
      const vector = chunk.getColumnVector(index);
      for (let row = 0; row < chunk.rowCount; row += 1) target[done + row] = Number(vector.getItem(row));
    }
    done += chunk.rowCount;
    report(done);
  }
  return columns.map(({ name, type, role }, index) => ({
    kind: 'numeric',
    name,
    type: type === 'datetime' ? 'datetime' : 'numeric',
    role,
    values: values[index] ?? new Float64Array(0),
  }));
}

/** NULL, and text that is no number, become NaN: a row without a value. */
function asNumber({ name, type }: PlannedColumn): string {
  const column = identifier(name);
  const number = type === 'datetime' ? `epoch_ms(TRY_CAST(${column} AS TIMESTAMP))` : column;
  return `coalesce(TRY_CAST(${number} AS DOUBLE), 'NaN'::DOUBLE)`;
}

async function readCategories(
  connection: DuckDBConnection,
  relation: string,
  { name, type, role }: PlannedColumn,
): Promise<CategoricalColumn> {
  const level = `CAST(${identifier(name)} AS VARCHAR)`;
  const counted = await rowsOf(
    connection,
    `SELECT ${level} AS level, count(*) FROM ${relation} GROUP BY level ORDER BY level NULLS FIRST`,
  );
  const present = counted.filter(([value]) => value !== null);
  return {
    kind: 'categorical',
    name,
    type: type === 'boolean' ? 'boolean' : 'categorical',
    role,
    levels: present.map(([value]) => String(value)),
    counts: present.map(([, count]) => Number(count)),
    missing: Number(counted.find(([value]) => value === null)?.[1] ?? 0),
  };
}
