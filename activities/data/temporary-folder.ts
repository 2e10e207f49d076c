import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of the system's temporary ones, made when it is first asked for. */
export type TemporaryFolder = () => Promise<string>;

/** Whatever is in the folder is gone when the work is done. */
export async function withTemporaryFolder<T>(work: (folder: TemporaryFolder) => Promise<T>): Promise<T> {
  let made: Promise<string> | null = null;
  const folder = () => {
    made ??= mkdtemp(path.join(tmpdir(), 'watchtower-drift-'));
    return made;
  };
  try {
    return await work(folder);
  } finally {
    // Where it could not be made, whoever asked for it has been told.
    const there = made === null ? null : await folder().catch(() => null);
    if (there !== null) await rm(there, { recursive: true, force: true });
  }
}
