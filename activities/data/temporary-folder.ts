import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of the system's temporary ones, made when it is first asked for. */
export type TemporaryFolder = () => Promise<string>;

/** Whatever is in the folder is gone when the work is done, or the process ends by `process.exit` in the middle of it. */
export async function withTemporaryFolder<T>(work: (folder: TemporaryFolder) => Promise<T>): Promise<T> {
  let made: Promise<string> | null = null;
  let removeAtExit = (): void => {};
  const make = async () => {
    const there = await mkdtemp(path.join(tmpdir(), 'watchtower-drift-'));
    removeAtExit = () => rmSync(there, { recursive: true, force: true });
    process.once('exit', removeAtExit);
    return there;
  };
  const folder = () => {
    made ??= make();
    return made;
  };
  try {
    return await work(folder);
  } finally {
    // Where it could not be made, whoever asked for it has been told.
    const there = made === null ? null : await folder().catch(() => null);
    if (there !== null) await rm(there, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  }
}
