import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api';

/**
 * In memory, two threads unless told otherwise, no extension loaded or installed behind our back (files are read by the built-in
 * readers alone), UTC. What does not fit into memory goes into a temporary folder of the system's, made when it is
 * needed, never into the one we were started in. Closed when the work is done, so that nothing of one comparison
 * stays for the next.
 */
export async function withDuckDb<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
  threads = 2,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: '2GB',
    temp_directory: path.join(tmpdir(), `watchtower-duckdb-${randomUUID()}`),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      await connection.run('SET lock_configuration = true');
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** All rows of a small result as texts: one array a row, 64-bit counts included. */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly (readonly (string | null)[])[]> {
  const reader = await connection.runAndReadAll(sql);
  const rows = reader.getRowsJson();
  return rows.map((row) => row.map((value) => (typeof value === 'string' ? value : textOf(value))));
}

const textOf = (value: Json): string | null => (value === null ? null : JSON.stringify(value));

/** The one number a query answers with. */
export async function countOf(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = await rowsOf(connection, sql);
  return Number(row?.[0] ?? 0);
}
