import type { DataChunk } from '@duckdb/node-bindings';
import type { DuckDbConnection, OpenedDuckDb } from './duckdb.ts';
import { identifier } from './sql.ts';

export interface NumberColumn {
  readonly name: string;
  /** Datetimes come as milliseconds since 1970 (UTC). */
  readonly type: 'numeric' | 'discrete' | 'datetime';
  /** DuckDB's name of the type it is stored in. */
  readonly sqlType: string;
}

/**
 * Columns of numbers straight into typed arrays, in the order of the rows: DuckDB calls a function of ours with each of its
 * chunks, and the chunk's own memory is copied as it stands. No result is buffered, no row and no boxed value is made.
 * NULL, and text that is no number, are NaN.
 *
 * @param connection with one thread, since several would mix up the rows; one such reading at a time
 * @param into one array for each column, as long as there are rows
 * @param onRows called after each chunk with the rows read so far; what it throws ends the reading
 * @throws Error where there are more rows, or fewer: behind those would stand what the array held before
 */
export async function streamNumbers(
  connection: DuckDbConnection,
  relation: string,
  columns: readonly NumberColumn[],
  into: readonly Float64Array[],
  onRows: (rows: number) => void = () => {},
): Promise<void> {
  if (connection.threads !== 1) throw new Error('Rows keep their order on a connection of one thread only.');
  const opened = await connection.opened();
  const wanted = into[0]?.length ?? 0;
  let done = 0;
  await callWithChunks(connection, columns.map(asNumber), relation, (chunk) => {
    const rows = opened.duckdb.data_chunk_get_size(chunk);
    if (done + rows > wanted) throw otherRows(wanted, 'more');
    for (const [index, target] of into.entries()) copyColumn(opened, chunk, index, rows, target, done);
    done += rows;
    onRows(done);
  });
  if (done < wanted) throw otherRows(wanted, 'fewer');
}

const otherRows = (wanted: number, now: 'more' | 'fewer'): Error =>
  new Error(`it held ${wanted} rows at first, and holds ${now} now: it was written anew while it was read`);

/** Who the chunks of a connection go to at the moment. */
interface Receiver {
  receive: (chunk: DataChunk) => void;
  failure: { readonly error: unknown } | null;
}

const receivers = new WeakMap<DuckDbConnection, Receiver>();

/** Runs a query whose every chunk of values is given to `receive`, before DuckDB uses the chunk's memory again. */
async function callWithChunks(
  connection: DuckDbConnection,
  expressions: readonly string[],
  relation: string,
  receive: (chunk: DataChunk) => void,
): Promise<void> {
  const receiver = receivers.get(connection) ?? registerReceiver(connection, await connection.opened());
  Object.assign(receiver, { receive, failure: null } satisfies Receiver);
  try {
    // Each call answers something, so that counting the answers makes all calls happen.
    await connection.run(`SELECT count(watchtower_receive(${expressions.join(', ')})) FROM ${relation}`);
  } catch (error) {
    throw receiver.failure === null ? error : receiver.failure.error;
  }
}

function registerReceiver(connection: DuckDbConnection, { duckdb, handle }: OpenedDuckDb): Receiver {
  const receiver: Receiver = { receive: () => {}, failure: null };
  const made = duckdb.create_scalar_function();
  duckdb.scalar_function_set_name(made, 'watchtower_receive');
  duckdb.scalar_function_set_varargs(made, duckdb.create_logical_type(duckdb.Type.DOUBLE));
  duckdb.scalar_function_set_return_type(made, duckdb.create_logical_type(duckdb.Type.BOOLEAN));
  // To be called for every chunk, whatever its values are: the same ones again, or NULL alone.
  duckdb.scalar_function_set_volatile(made);
  duckdb.scalar_function_set_special_handling(made);
  duckdb.scalar_function_set_function(made, (info, chunk) => {
    try {
      if (receiver.failure === null) receiver.receive(chunk);
    } catch (error) {
      receiver.failure = { error };
      duckdb.scalar_function_set_error(info, 'the reading was stopped');
    }
  });
  duckdb.register_scalar_function(handle, made);
  duckdb.destroy_scalar_function_sync(made);
  receivers.set(connection, receiver);
  return receiver;
}

function copyColumn(
  { duckdb }: OpenedDuckDb,
  chunk: DataChunk,
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
