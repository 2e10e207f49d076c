import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WatchtowerError } from '@watchtower/contracts';
import { type Pack, pack } from 'tar-stream';

/** Not code: they are left where they are. */
const skipped: ReadonlySet<string> = new Set(['.git', '.watchtower', '__pycache__', 'node_modules', '.venv']);
const mostFiles = 20_000;

/** Something to be put into a container. */
export type PackedFile =
  | { readonly name: string; readonly content: string }
  | { readonly name: string; readonly file: string; readonly bytes: number; readonly executable: boolean }
  | { readonly name: string; readonly folder: true };

/**
 * All plain files below a folder, sorted by name; links to files count as what they point at, links to folders not at all.
 *
 * @param under the name they get in the tar
 * @throws WatchtowerError `TrainingSetupFailed` where the folder is missing or holds too much
 */
export async function listFolder(
  folder: string,
  under: string,
  limitBytes: number,
): Promise<readonly PackedFile[]> {
  const files: PackedFile[] = [];
  let total = 0;
  const walk = async (inside: string): Promise<void> => {
    const entries = await readdir(path.join(folder, inside), { withFileTypes: true }).catch(
      (cause: unknown) => {
        throw new WatchtowerError(
          'TrainingSetupFailed',
          `The folder ${path.join(folder, inside)} can't be read (${cause instanceof Error ? cause.message : String(cause)}). Check base_dir and the folder the definition names.`,
        );
      },
    );
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (skipped.has(entry.name)) continue;
      const place = path.join(inside, entry.name);
      const name = path.posix.join(under, ...place.split(path.sep));
      if (entry.isDirectory()) {
        files.push({ name, folder: true });
        await walk(place);
        continue;
      }
      const file = path.join(folder, place);
      const found = await stat(file).catch(() => null);
      if (!found?.isFile()) continue;
      files.push({ name, file, bytes: found.size, executable: (found.mode & 0o100) !== 0 });
      total += found.size;
      if (total > limitBytes || files.length > mostFiles) throw tooMuch(folder, limitBytes);
    }
  };
  await walk('');
  return files;
}

/** The files as a tar that belongs to `owner`, written while it is read. */
export function packFiles(files: readonly PackedFile[], owner: number): Readable {
  const tar = pack();
  void fill(tar, files, owner).catch((error: unknown) =>
    tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(tar);
}

async function fill(tar: Pack, files: readonly PackedFile[], owner: number): Promise<void> {
  const header = { uid: owner, gid: owner, mtime: new Date(0) };
  for (const file of files) {
    if ('folder' in file) {
      tar.entry({ ...header, name: `${file.name}/`, type: 'directory', mode: 0o755 });
    } else if ('content' in file) {
      tar.entry({ ...header, name: file.name, mode: 0o644 }, file.content);
    } else {
      const mode = file.executable ? 0o755 : 0o644;
      const entry = tar.entry({ ...header, name: file.name, mode, size: file.bytes });
      // A file that grows meanwhile is taken as long as it was.
      const content =
        file.bytes === 0 ? Readable.from([]) : createReadStream(file.file, { end: file.bytes - 1 });
      await pipeline(content, entry);
    }
  }
  tar.finalize();
}

/** SHA-256 over names, contents, and what may be run. */
export async function digestFiles(files: readonly PackedFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file.name}\0${'executable' in file && file.executable ? 'x' : ''}\0`);
    if ('content' in file) hash.update(file.content);
    else if ('file' in file) for await (const chunk of createReadStream(file.file)) hash.update(chunk);
    hash.update('\0');
  }
  return hash.digest('hex');
}

function tooMuch(folder: string, limitBytes: number): WatchtowerError {
  return new WatchtowerError(
    'TrainingSetupFailed',
    `The folder ${folder} holds more than ${mostFiles} files or ${Math.floor(limitBytes / 1024 ** 2)} MiB, too much for the workspace. Keep data out of it, or raise retrain.docker.workspace.`,
  );
}
