import path from 'node:path';
import type { DuckDbConnection } from './duckdb.ts';
import { literal } from './sql.ts';

/**
 * Rows as a Parquet file, so that columns can be read in batches and by several threads: text would have to be parsed anew
 * for each of them, and a formula worked out.
 *
 * @param folder for temporary files; whoever made it removes it
 */
export async function asColumns(
  connection: DuckDbConnection,
  relation: string,
  folder: string,
  name: string,
): Promise<string> {
  const file = path.join(folder, `${name}.parquet`);
  await connection.run(
    `COPY (SELECT * FROM ${relation}) TO ${literal(file)} (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  return `read_parquet(${literal(file)})`;
}
