import { stat } from 'node:fs/promises';
import path from 'node:path';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { unreadable } from './data-failures.ts';
import { type DuckDbConnection, rowsOf } from './duckdb.ts';
import { columnsOf, type RelationColumn } from './relation-columns.ts';
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

export interface FileRelation {
  readonly relation: string;
  readonly format: FileFormat;
  readonly columns: readonly RelationColumn[];
}

/**
 * The files of a path, folder or glob as something to select from, rows in the files' order by name.
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`
 */
export async function fileRelation(
  connection: DuckDbConnection,
  source: { readonly path: string; readonly format?: FileFormat | undefined },
  baseDirectory: string,
): Promise<FileRelation> {
  const pattern = path.resolve(baseDirectory, source.path);
  const files = await matchingFiles(connection, pattern, source.format);
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
    return { relation, format, columns: await columnsOf(connection, relation) };
  } catch (error) {
    throw await namingTheFile(connection, files, format, error);
  }
}

async function matchingFiles(
  connection: DuckDbConnection,
  pattern: string,
  format: FileFormat | undefined,
): Promise<readonly string[]> {
  // A name that holds a bracket or an asterisk itself is still that file.
  const found = await stat(pattern).catch(() => null);
  if (found?.isFile()) return [pattern];
  const inFolder = found?.isDirectory() === true;
  const wanted = inFolder ? `${escapeGlob(pattern)}/**` : pattern;
  const rows = await rowsOf(connection, `SELECT file FROM glob(${literal(wanted)}) ORDER BY file`);
  const files = rows.map(([file]) => String(file));
  // A folder may hold other things beside its data: a _SUCCESS, a readme.
  return inFolder
    ? files.filter((file) =>
        format === undefined ? endingOf(file) !== undefined : endingOf(file) === format,
      )
    : files;
}

/** DuckDB takes a CSV file of no bytes for one with a column named column0. */
async function refuseEmpty(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch(() => null);
    if (found?.size === 0) throw unreadable(file, 'it is empty (0 bytes)');
  }
}

const endingOf = (file: string): FileFormat | undefined => endings.find(([ending]) => ending.test(file))?.[1];

/** A folder's name is that folder, whatever it holds of a pattern's signs. */
const escapeGlob = (folder: string): string => folder.replaceAll(/[[\]*?]/g, '[$&]');

function formatOf(pattern: string, files: readonly string[]): FileFormat {
  const formats = new Set(files.map(endingOf));
  if (formats.size > 1) {
    throw new WatchtowerError(
      'DataFileUnreadable',
      `${pattern} holds files of several formats (${[...formats].join(', ')}). Name one kind by a glob such as *.parquet.`,
    );
  }
  const [format] = formats;
  if (format !== undefined) return format;
  throw new WatchtowerError(
    'DataFileUnreadable',
    `The format of ${pattern} cannot be told from its ending. Set "format" to parquet, csv or jsonl.`,
  );
}

/** Of many files the first that cannot be opened by itself; where each can, they do not fit together. */
async function namingTheFile(
  connection: DuckDbConnection,
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
