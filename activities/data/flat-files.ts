import { open } from 'node:fs/promises';
import { type FlatFile, flatFile, footerBytes } from '@watchtower/parquet';
import { columnTypeOf, type RelationColumn } from './relation-columns.ts';

/** Parquet files of the same columns that are read without DuckDB. */
export interface FlatFiles {
  readonly files: readonly (FlatFile & { readonly path: string })[];
  readonly rows: number;
}

/** Bytes of a file's end that hold most footers. */
const usualFooter = 64 * 1024;

/**
 * @returns null where DuckDB has to read them: one of them is not flat, is broken (DuckDB tells how), or they have not the same
 * columns
 */
export async function flatFiles(paths: readonly string[]): Promise<FlatFiles | null> {
  const files: (FlatFile & { readonly path: string })[] = [];
  for (const path of paths) {
    const file = await readFooter(path).catch(() => null);
    if (file === null || shapeOf(file) !== shapeOf(files[0] ?? file)) return null;
    files.push({ ...file, path });
  }
  return files.length === 0 ? null : { files, rows: files.reduce((sum, { rows }) => sum + rows, 0) };
}

/** The columns as DuckDB would describe them. */
export const columnsOfFlat = ({ files }: FlatFiles): readonly RelationColumn[] =>
  (files[0]?.columns ?? []).map(({ name, sqlType }) => ({ name, sqlType, type: columnTypeOf(sqlType) }));

async function readFooter(path: string): Promise<FlatFile | null> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const readEnd = async (bytes: number): Promise<Buffer> => {
      const wanted = Math.min(bytes, size);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, size - wanted);
      if (bytesRead < wanted) throw new Error(`${path} ended while it was read`);
      return buffer;
    };
    const end = await readEnd(usualFooter);
    const needed = footerBytes(end);
    return flatFile(needed > end.length ? await readEnd(needed) : end);
  } finally {
    await handle.close();
  }
}

const shapeOf = ({ columns }: FlatFile): string =>
  JSON.stringify(columns.map(({ name, sqlType }) => [name, sqlType]));
