import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, WatchtowerError } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';

/**
 * Big things, named by the SHA-256 of their bytes: what is written twice is one file, what is read is checked. What the
 * system refuses (a full disk, too many open files, a share that is away) is `ArtifactStoreUnavailable`, which may pass.
 */
export interface ArtifactStore {
  put(content: string | Uint8Array): Promise<Digest>;
  putFile(file: string): Promise<Digest>;
  /** @throws WatchtowerError `ArtifactMissing` where it is absent or its bytes are not what its name says */
  read(name: Digest): Promise<Buffer>;
  /** Path of a file with these bytes, for readers that want one (DuckDB, the scorer). Not to be written to. */
  pathOf(name: Digest): Promise<string>;
}

/** Across all stores of this process, whose files lie aside under its id. */
let sequence = 0;

/** A folder: `<root>/<first two digits>/<digest>`. A file appears whole (written aside, flushed, renamed) or not at all. */
export function folderArtifactStore(root: string): ArtifactStore {
  const target = (name: Digest) => path.resolve(root, name.slice(0, 2), name);

  const place = async (name: Digest, write: (aside: string) => Promise<void>): Promise<Digest> => {
    const file = target(name);
    sequence += 1;
    const aside = `${file}.${process.pid}.${sequence}.partial`;
    try {
      if (await exists(file)) return name;
      await mkdir(path.dirname(file), { recursive: true });
      await write(aside);
      await flush(aside);
      await rename(aside, file);
      return name;
    } catch (error) {
      throw unavailable(name, 'written', error);
    } finally {
      // What went wrong is told above; what is left over here is never read.
      await rm(aside, { force: true }).catch(() => undefined);
    }
  };

  const missing = (name: Digest, why: string) =>
    new WatchtowerError(
      'ArtifactMissing',
      `Artifact ${name} ${why}. Restore the artifact folder from its backup.`,
    );

  return {
    put: (content) =>
      place(sha256(content), async (aside) => {
        const file = await open(aside, 'wx', 0o644);
        try {
          await file.writeFile(content);
        } finally {
          await file.close();
        }
      }),
    putFile: async (file) => place(await digestOfFile(file), (aside) => copyFile(file, aside)),
    read: async (name) => {
      const content = await readFile(target(name)).catch((error: unknown) => {
        throw isAbsent(error) ? missing(name, 'is not in the store') : unavailable(name, 'read', error);
      });
      if (sha256(content) !== name) throw missing(name, 'was changed after it was written');
      return content;
    },
    pathOf: async (name) => {
      const there = await exists(target(name)).catch((error: unknown) => {
        throw unavailable(name, 'read', error);
      });
      if (!there) throw missing(name, 'is not in the store');
      return target(name);
    },
  };
}

function unavailable(name: Digest, verb: 'read' | 'written', cause: unknown): WatchtowerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WatchtowerError(
    'ArtifactStoreUnavailable',
    `Artifact ${name} cannot be ${verb} now (${reason}). It is tried again; check the artifact folder and its disk.`,
    { cause },
  );
}

/** Anything else than a missing file says nothing of whether the artifact is there. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex') as Digest;
}
