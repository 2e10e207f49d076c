import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  type CountedTexts,
  countTexts,
  deskBytes,
  type FlatColumn,
  type PageDesk,
  pageDesk,
  type ReadAt,
  readNumbers,
  type SharedMemory,
} from '@watchtower/parquet';
import type { FileState, FlatFileAt, FlatFiles } from './flat-files.ts';
import { columnTypeOf } from './relation-columns.ts';
import type { NumberColumn } from './stream-numbers.ts';

/** Columns of one window's files, read into the memory of the kernels. */
export interface FlatReader {
  /**
   * A column's numbers, datetimes as milliseconds since 1970; NaN where there is none.
   *
   * @param into in the memory of the kernels, as long as the files have rows
   * @returns false where DuckDB has to read it, and `into` may hold anything
   */
  readNumbers(column: Pick<NumberColumn, 'name' | 'type'>, into: Float64Array): boolean;
  /** A column of texts or flags, counted. @param most texts told apart @returns null where DuckDB has to count it */
  countTexts(name: string, most: number): CountedTexts | null;
  close(): void;
}

/** Bytes of memory a thread needs beside the values, to read any of these columns. */
export const readerBytes = (windows: readonly (FlatFiles | null)[]): number => deskBytes(columnsOf(windows));

/** @param region `readerBytes` long */
export const readerDesk = (
  memory: SharedMemory,
  region: Uint8Array,
  windows: readonly (FlatFiles | null)[],
): PageDesk => pageDesk(memory, region, columnsOf(windows));

const columnsOf = (windows: readonly (FlatFiles | null)[]): readonly FlatColumn[] =>
  windows.flatMap((window) => window?.files.flatMap(({ columns }) => columns) ?? []);

/** Files that are kept open: a folder may hold more of them than a process may open. */
const mostOpened = 64;

/** @param onRead called before each reading; what it throws ends the reading */
export function flatReader({ files }: FlatFiles, desk: PageDesk, onRead: () => void): FlatReader {
  const opened = new Map<string, number>();
  const open = (path: string): number => {
    const [longest] = opened;
    if (longest !== undefined && opened.size >= mostOpened) {
      closeSync(longest[1]);
      opened.delete(longest[0]);
    }
    const file = openSync(path, 'r');
    opened.set(path, file);
    return file;
  };
  const readerOf =
    ({ path, ...planned }: FlatFileAt): ReadAt =>
    (into, position) => {
      onRead();
      const file = opened.get(path) ?? open(path);
      // Values of one file at the places of another would be read as if they were right.
      if (!isSame(fstatSync(file), planned)) throw new Error(`${path} was written anew`);
      for (let done = 0; done < into.length; ) {
        const read = readSync(file, into, done, into.length - done, position + done);
        if (read === 0) throw new Error(`${path} ends before it should`);
        done += read;
      }
    };
  const byName = files.map(({ columns }) => new Map(columns.map((column) => [column.name, column])));
  /** Of each file in turn. @returns null where one of them is not read here */
  function visit<T>(name: string, read: (column: FlatColumn, readAt: ReadAt, rows: number) => T): T[] | null {
    const results: T[] = [];
    for (const [index, file] of files.entries()) {
      const column = byName[index]?.get(name);
      if (column === undefined) return null;
      try {
        results.push(read(column, readerOf(file), file.rows));
      } catch (error) {
        // Whatever is wrong with the file: DuckDB reads it after all, or says what it is.
        if (isCancelled(error)) throw error;
        return null;
      }
    }
    return results;
  }
  return {
    readNumbers({ name, type }, into) {
      let from = 0;
      const read = visit(name, (column, readAt, rows) => {
        // DuckDB makes no number of a datetime, and no datetime of a number.
        if ((columnTypeOf(column.sqlType) === 'datetime') !== (type === 'datetime'))
          throw new Error('another type');
        readNumbers(column, readAt, desk, into.subarray(from, from + rows));
        from += rows;
      });
      return read !== null && from === into.length;
    },
    countTexts(name, most) {
      const counted = visit(name, (column, readAt) => countTexts(column, readAt, desk, most));
      const together = counted && sumOf(counted);
      return together !== null && together.counts.size <= most ? together : null;
    },
    close() {
      for (const file of opened.values()) closeSync(file);
      opened.clear();
    },
  };
}

/** What several files hold. */
function sumOf(files: readonly CountedTexts[]): CountedTexts {
  const rows = new Map<string, number>();
  for (const { counts } of files) {
    for (const [text, count] of counts) rows.set(text, (rows.get(text) ?? 0) + count);
  }
  return { counts: rows, missing: files.reduce((sum, file) => sum + file.missing, 0) };
}

const isSame = (now: FileState, planned: FileState): boolean =>
  now.size === planned.size && now.mtimeMs === planned.mtimeMs && now.ino === planned.ino;

const isCancelled = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
