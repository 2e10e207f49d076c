import path from 'node:path';
import { countOf, type DuckDbConnection } from './duckdb.ts';
import { type FlatFiles, flatFiles } from './flat-files.ts';
import { literal } from './sql.ts';
import type { TemporaryFolder } from './temporary-folder.ts';

/** Rows that are read column by column. */
export interface ColumnarRows {
  readonly relation: string;
  /** The same rows, where they can be read without DuckDB. */
  readonly flat: FlatFiles | null;
}

/**
 * Rows as a Parquet file, so that columns can be read in batches and by several threads: text would have to be parsed anew
 * for each of them, and a formula worked out.
 *
 * @param folder for temporary files
 */
export async function asColumns(
  connection: DuckDbConnection,
  relation: string,
  folder: TemporaryFolder,
  name: string,
): Promise<ColumnarRows> {
  const file = path.join(await folder(), `${name}.parquet`);
  await connection.run(
    `COPY (SELECT * FROM ${relation}) TO ${literal(file)} (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  return { relation: `read_parquet(${literal(file)})`, flat: await flatFiles([file]) };
}

export const rowsIn = async (
  connection: DuckDbConnection,
  { relation, flat }: ColumnarRows,
): Promise<number> => flat?.rows ?? countOf(connection, `SELECT count(*) FROM ${relation}`);
