import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { WatchtowerError } from '@watchtower/contracts';
import { unreadable } from './data-failures.ts';
import { rowsOf } from './duckdb.ts';
import { literal, literalList } from './sql.ts';

export type FileFormat = 'parquet' | 'csv' | 'jsonl';

const endings: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv|txt)(\.gz)?$/i, 'csv'],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, 'jsonl'],
];

/**
 * Options by format. Whole CSV files are looked at before their types are settled: a late text spoils no
 * column of numbers.
 */
const readers: Readonly<Record<FileFormat, (files: readonly string[]) => string>> = {
  parquet: (files) => `read_parquet(${literalList(files)}, union_by_name = true, hive_partitioning = false)`,
  csv: (files) =>
    `read_csv(${literalList(files)}, union_by_name = true, sample_size = -1, hive_partitioning = false)`,
  jsonl: (files) =>
    `read_json(${literalList(files)}, format = 'newline_delimited', union_by_name = true, sample_size = -1, hive_partitioning = false)`,
};

/**
 * The files of a path or glob as something to select from, rows in the files' order by name.
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`
 */
export async function fileRelation(
  connection: DuckDBConnection,
  source: { readonly path: string; readonly format?: FileFormat | undefined },
  baseDirectory: string,
): Promise<string> {
  const pattern = path.resolve(baseDirectory, source.path);
  const files = await matchingFiles(connection, pattern);
  if (files.length === 0) {
    throw new WatchtowerError(
      'DataFileMissing',
      `No file matches ${source.path} in ${path.resolve(baseDirectory)}. Correct the path, or make the data first.`,
    );
  }
  await refuseEmpty(files);
  const format = source.format ?? formatOf(source.path, files);
  const relation = readers[format](files);
  try {
    await connection.run(`DESCRIBE SELECT * FROM ${relation}`);
  } catch (error) {
    throw await namingTheFile(connection, files, format, error);
  }
  return relation;
}

async function matchingFiles(connection: DuckDBConnection, pattern: string): Promise<readonly string[]> {
  // A name that holds a bracket or an asterisk itself is still that file.
  const found = await stat(pattern).catch(() => null);
  if (found?.isFile()) return [pattern];
  if (found?.isDirectory()) return [];
  const rows = await rowsOf(connection, `SELECT file FROM glob(${literal(pattern)}) ORDER BY file`);
  return rows.map(([file]) => String(file));
}

/** DuckDB takes a CSV file of no bytes for one with a column named column0. */
async function refuseEmpty(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch(() => null);
    if (found?.size === 0) throw unreadable(file, 'it is empty (0 bytes)');
  }
}

function formatOf(pattern: string, files: readonly string[]): FileFormat {
  const name = files[0] ?? pattern;
  const format = endings.find(([ending]) => ending.test(name))?.[1];
  if (format !== undefined) return format;
  throw new WatchtowerError(
    'DataFileUnreadable',
    `The format of ${pattern} cannot be told from its ending. Set "format" to parquet, csv or jsonl.`,
  );
}

/** Of many files the first that cannot be opened by itself; where each can, they do not fit together. */
async function namingTheFile(
  connection: DuckDBConnection,
  files: readonly string[],
  format: FileFormat,
  error: unknown,
): Promise<WatchtowerError> {
  for (const file of files) {
    try {
      await connection.run(`DESCRIBE SELECT * FROM ${readers[format]([file])}`);
    } catch (cause) {
      return unreadable(file, cause);
    }
  }
  return unreadable(files.join(', '), error);
}
