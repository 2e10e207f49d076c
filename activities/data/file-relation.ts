import { stat } from 'node:fs/promises';
import path from 'node:path';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { refuseUnevenLines } from './csv-lines.ts';
import { unreadable } from './data-failures.ts';
import { type DuckDbConnection, rowsOf } from './duckdb.ts';
import { endingOf, type FileFormat, formatOf, readers } from './file-format.ts';
import { columnsOfFlat, type FlatFiles, flatFiles } from './flat-files.ts';
import { lookAtStart } from './look-at-start.ts';
import { columnsOf, type RelationColumn } from './relation-columns.ts';
import { identifier, literal } from './sql.ts';

export interface FileRelation {
  readonly relation: string;
  readonly format: FileFormat;
  readonly columns: readonly RelationColumn[];
  /** The same rows, where they can be read without DuckDB. */
  readonly flat: FlatFiles | null;
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
  if (files.length === 0) throw await nothingMatches(pattern, source, baseDirectory);
  const format = source.format ?? formatOf(source.path, files);
  await lookAtStart(files, format);
  const relation = readers[format](files);
  const flat = format === 'parquet' ? await flatFiles(files) : null;
  const columns = flat === null ? await describe(connection, files, format) : columnsOfFlat(flat);
  if (format === 'csv') {
    await refuseUnevenLines(
      connection,
      files,
      columns.map(({ name }) => name),
      readers.csv,
    );
  }
  return { relation: withoutJson(relation, columns), format, columns: columns.map(asText), flat };
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

async function nothingMatches(
  pattern: string,
  source: { readonly path: string; readonly format?: FileFormat | undefined },
  baseDirectory: string,
): Promise<WatchtowerError> {
  const found = await stat(pattern).catch(() => null);
  const what = found?.isDirectory()
    ? `The folder ${source.path} holds no file of ${source.format ?? 'Parquet, CSV or JSON Lines'}, by its ending`
    : `No file matches ${source.path} in ${path.resolve(baseDirectory)}`;
  return new WatchtowerError('DataFileMissing', `${what}. Correct the path, or make the data first.`);
}

/** A folder's name is that folder, whatever it holds of a pattern's signs. */
const escapeGlob = (folder: string): string => folder.replaceAll(/[[\]*?]/g, '[$&]');

/** Of many files the first that cannot be opened by itself is named; where each can, they do not fit together. */
async function describe(
  connection: DuckDbConnection,
  files: readonly string[],
  format: FileFormat,
): Promise<readonly RelationColumn[]> {
  const columns = (some: readonly string[]) => columnsOf(connection, readers[format](some));
  try {
    return await columns(files);
  } catch (error) {
    for (const file of files) {
      await columns([file]).catch((cause: unknown) => {
        throw unreadable(file, cause);
      });
    }
    throw unreadable(files.join(', '), error);
  }
}

const asText = (column: RelationColumn): RelationColumn =>
  column.sqlType === 'JSON' ? { ...column, sqlType: 'VARCHAR', type: 'categorical' } : column;

/** JSON values of several types in one column have DuckDB's type JSON: they are texts here, as in a CSV file. */
function withoutJson(relation: string, columns: readonly RelationColumn[]): string {
  const mixed = columns.filter(({ sqlType }) => sqlType === 'JSON').map(({ name }) => identifier(name));
  if (mixed.length === 0) return relation;
  return `(SELECT * REPLACE (${mixed.map((name) => `${name} ->> '$' AS ${name}`).join(', ')}) FROM ${relation})`;
}
