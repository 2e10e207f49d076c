import { open } from 'node:fs/promises';
import { type FlatFile, flatFile, footerBytes } from '@watchtower/parquet';
import { columnTypeOf, type RelationColumn } from './relation-columns.ts';

export interface FlatFileAt extends FlatFile, FileState {
  readonly path: string;
}

/** What tells whether a file is still the one it was. */
export interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** Parquet files of the same columns that are read without DuckDB. */
export interface FlatFiles {
  readonly files: readonly FlatFileAt[];
  readonly rows: number;
}

/** Bytes of a file's end that hold most footers. */
const usualFooter = 64 * 1024;

/**
 * @returns null where DuckDB has to read them: one of them is not flat, is broken (DuckDB tells how), or they have not the same
 * columns
 */
export async function flatFiles(paths: readonly string[]): Promise<FlatFiles | null> {
  const files: FlatFileAt[] = [];
  for (const path of paths) {
    const file = await readFooter(path).catch(() => null);
    if (file === null || shapeOf(file) !== shapeOf(files[0] ?? file)) return null;
    files.push(file);
  }
  return files.length === 0 ? null : { files, rows: files.reduce((sum, { rows }) => sum + rows, 0) };
}

/** The columns as DuckDB would describe them. */
export const columnsOfFlat = ({ files }: FlatFiles): readonly RelationColumn[] =>
  (files[0]?.columns ?? []).map(({ name, sqlType }) => ({ name, sqlType, type: columnTypeOf(sqlType) }));

async function readFooter(path: string): Promise<FlatFileAt | null> {
  const handle = await open(path);
  try {
    const { size, mtimeMs, ino } = await handle.stat();
    const readEnd = async (bytes: number): Promise<Buffer> => {
      const wanted = Math.min(bytes, size);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, size - wanted);
      if (bytesRead < wanted) throw new Error(`${path} ended while it was read`);
      return buffer;
    };
    const end = await readEnd(usualFooter);
    const needed = footerBytes(end);
    if (needed === null || needed > size) return null;
    const file = flatFile(needed > end.length ? await readEnd(needed) : end);
    const isWhole = file?.columns.every(({ chunks }) => chunks.every(({ at, bytes }) => at + bytes <= size));
    return file !== null && isWhole === true ? { ...file, path, size, mtimeMs, ino } : null;
  } finally {
    await handle.close();
  }
}

const shapeOf = ({ columns }: FlatFile): string =>
  JSON.stringify(columns.map(({ name, sqlType }) => [name, sqlType]));
