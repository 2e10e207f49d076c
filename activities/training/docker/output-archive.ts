import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';

/** What a job left is not what it may leave; the message says which entry, and why. */
export class OutputRefused extends Error {
  override readonly name = 'OutputRefused';
}

const mostEntries = 10_000;

/**
 * Copies a job's output folder from the engine's tar into one of ours, entry by entry: plain files and folders that stay
 * inside, and no more than fits. Nothing is unpacked; a hostile job's names never become paths here.
 *
 * @param from tar whose entries begin with the folder's own name; null for an empty folder
 * @throws OutputRefused where it holds anything else
 */
export async function takeOutput(
  from: NodeJS.ReadableStream | null,
  to: string,
  limitBytes: number,
): Promise<{ readonly files: number; readonly bytes: number }> {
  const tar = pack();
  const written = pipeline(tar, createWriteStream(to, { mode: 0o600 }));
  const copy = async () => {
    let files = 0;
    let entries = 0;
    let bytes = 0;
    if (from) {
      const reader = extract();
      const read = pipeline(from, reader);
      read.catch(() => undefined);
      for await (const entry of reader) {
        const { name, type, size } = entry.header;
        entries += 1;
        bytes += size;
        if (entries > mostEntries) throw new OutputRefused(`more than ${mostEntries} files and folders`);
        if (bytes > limitBytes)
          throw new OutputRefused(`more than ${Math.floor(limitBytes / 1024 ** 2)} MiB`);
        if (type !== 'file' && type !== 'directory') throw new OutputRefused(`${shown(name)} is a ${type}`);
        const inside = insideOf(name);
        if (type === 'directory' || inside === '') {
          if (type === 'file') throw new OutputRefused('the output folder is a file');
          entry.resume();
          continue;
        }
        files += 1;
        const target = tar.entry({ name: inside, size, mode: 0o600, mtime: new Date(0) });
        await pipeline(entry, target);
      }
      await read;
    }
    tar.finalize();
    return { files, bytes };
  };
  try {
    const [taken] = await Promise.all([
      copy().catch((error: unknown) => {
        tar.destroy(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }),
      written,
    ]);
    return taken;
  } catch (error) {
    await written.catch(() => undefined);
    await rm(to, { force: true });
    throw error;
  }
}

/** The name below the folder; empty for the folder itself. */
function insideOf(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || name.includes('\0') || parts.includes('..')) {
    throw new OutputRefused(`${shown(name)} leads out of the output folder`);
  }
  return parts.slice(1).join('/');
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 200));
