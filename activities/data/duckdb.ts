import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type duckdbBindings from '@duckdb/node-bindings';
import type { Connection, Vector } from '@duckdb/node-bindings';

type Bindings = typeof duckdbBindings;

/** DuckDB itself: its functions, and a connection that they take. */
export interface OpenedDuckDb {
  readonly duckdb: Bindings;
  readonly handle: Connection;
}

/** A connection as long as `withDuckDb` runs. */
export interface DuckDbConnection {
  /** DuckDB's threads: with more than one, chunks of a result come in no certain order. */
  readonly threads: number;
  /** Opens it the first time: who needs nothing of DuckDB does not wait for it. */
  opened(): Promise<OpenedDuckDb>;
  /** Runs a statement whose answer is of no interest. */
  run(sql: string): Promise<void>;
}

/**
 * In memory, two threads unless told otherwise, no extension loaded or installed behind our back (files are read by the built-in
 * readers alone), UTC. What does not fit into memory goes into a temporary folder of the system's, made when it is
 * needed, never into the one we were started in. Closed when the work is done, so that nothing of one comparison
 * stays for the next.
 *
 * On DuckDB's bindings themselves: the objects around them cost a fifth of a second to load, on every thread.
 */
export async function withDuckDb<T>(
  work: (connection: DuckDbConnection) => Promise<T>,
  threads = 2,
): Promise<T> {
  let opening: Promise<OpenedDuckDb & { readonly close: () => void }> | null = null;
  const opened = () => {
    opening ??= open(threads);
    return opening;
  };
  const run = async (sql: string): Promise<void> => {
    const { duckdb, handle } = await opened();
    await duckdb.query(handle, sql);
  };
  try {
    return await work({ threads, opened, run });
  } finally {
    // Where it could not be opened, whoever asked for it has been told.
    if (opening !== null)
      await opened()
        .then(({ close }) => close())
        .catch(() => undefined);
  }
}

async function open(threads: number): Promise<OpenedDuckDb & { readonly close: () => void }> {
  const { default: duckdb } = await import('@duckdb/node-bindings');
  const config = duckdb.create_config();
  const settings = {
    threads: String(threads),
    memory_limit: '2GB',
    temp_directory: path.join(tmpdir(), `watchtower-duckdb-${randomUUID()}`),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  };
  for (const [name, value] of Object.entries(settings)) duckdb.set_config(config, name, value);
  const database = await duckdb.open(':memory:', config);
  try {
    const handle = await duckdb.connect(database);
    const close = () => {
      duckdb.disconnect_sync(handle);
      duckdb.close_sync(database);
    };
    try {
      await duckdb.query(handle, "SET TimeZone = 'UTC'");
      await duckdb.query(handle, 'SET lock_configuration = true');
    } catch (error) {
      duckdb.disconnect_sync(handle);
      throw error;
    }
    return { duckdb, handle, close };
  } catch (error) {
    duckdb.close_sync(database);
    throw error;
  }
}

/** All rows of a small result as texts: one array a row, null where there is no value. */
export async function rowsOf(
  connection: DuckDbConnection,
  sql: string,
): Promise<readonly (readonly (string | null)[])[]> {
  const rows: (readonly (string | null)[])[] = [];
  await visitRows(connection, sql, (row) => rows.push(row));
  return rows;
}

/** The rows of a query one by one, in its order, every value as DuckDB's text of it. */
export async function visitRows(
  connection: DuckDbConnection,
  sql: string,
  visit: (row: readonly (string | null)[]) => void,
): Promise<void> {
  const { duckdb, handle } = await connection.opened();
  const result = await duckdb.query(handle, `SELECT COLUMNS(*)::VARCHAR FROM (${sql})`);
  const columns = duckdb.column_count(result);
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const rows = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rows === 0) return;
    const texts = Array.from({ length: columns }, (_, column) =>
      textsOf(duckdb, duckdb.data_chunk_get_vector(chunk, column), rows),
    );
    for (let row = 0; row < rows; row += 1) visit(texts.map((column) => column[row] ?? null));
  }
}

/** Bytes of a text that are kept in its entry of 16 bytes; a longer one's entry has a pointer instead. */
const inlined = 12;

function textsOf(duckdb: Bindings, vector: Vector, rows: number): readonly (string | null)[] {
  const entries = new Uint8Array(duckdb.vector_get_data(vector, rows * 16));
  const bytes = Buffer.from(entries.buffer);
  const validity: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  return Array.from({ length: rows }, (_, row) => {
    if (validity !== null && !duckdb.validity_row_is_valid(validity, row)) return null;
    const length = bytes.readUInt32LE(row * 16);
    if (length <= inlined) return bytes.toString('utf8', row * 16 + 4, row * 16 + 4 + length);
    const text = duckdb.get_data_from_pointer(entries.buffer, row * 16 + 8, length);
    return Buffer.from(text.buffer, text.byteOffset, length).toString('utf8');
  });
}

/** The one number a query answers with. */
export async function countOf(connection: DuckDbConnection, sql: string): Promise<number> {
  const [row] = await rowsOf(connection, sql);
  return Number(row?.[0] ?? 0);
}
