import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { identifier } from './sql.ts';

export interface NumberColumn {
  readonly name: string;
  /** Datetimes come as milliseconds since 1970 (UTC). */
  readonly type: 'numeric' | 'discrete' | 'datetime';
  /** DuckDB's name of the type it is stored in. */
  readonly sqlType: string;
}

/**
 * Columns of numbers straight into typed arrays, in the order of the rows: a chunk's own memory is copied as it stands, and
 * no row or boxed value is made. NULL, and text that is no number, are NaN.
 *
 * @param into one array for each column; they are filled from the start
 * @param onRows called after each chunk with the rows read so far
 */
export async function streamNumbers(
  connection: DuckDBConnection,
  relation: string,
  columns: readonly NumberColumn[],
  into: readonly Float64Array[],
  onRows: (rows: number) => void = () => {},
): Promise<number> {
  const selected = columns.map(asNumber).join(', ');
  const result = await connection.stream(`SELECT ${selected} FROM ${relation}`);
  let done = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    const rows = chunk?.rowCount ?? 0;
    if (chunk === null || rows === 0) return done;
    for (const [index, target] of into.entries()) copyColumn(chunk, index, rows, target, done);
    done += rows;
    onRows(done);
  }
}

function copyColumn(
  { chunk }: DuckDBDataChunk,
  index: number,
  rows: number,
  target: Float64Array,
  at: number,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, index);
  const bytes = duckdb.vector_get_data(vector, rows * 8);
  target.set(new Float64Array(bytes.buffer, bytes.byteOffset, rows), at);
  // Null where every row has a value. What stands in the data where a row has none is anything.
  const validity: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  if (validity === null) return;
  for (let row = 0; row < rows; row += 1) {
    if ((((validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 0) target[at + row] = Number.NaN;
  }
}

function asNumber({ name, type, sqlType }: NumberColumn): string {
  const column = identifier(name);
  if (type === 'datetime') return `TRY_CAST(epoch_ms(TRY_CAST(${column} AS TIMESTAMP)) AS DOUBLE)`;
  return sqlType === 'DOUBLE' ? column : `TRY_CAST(${column} AS DOUBLE)`;
}
