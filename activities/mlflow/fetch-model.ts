import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MlflowClient } from './mlflow-client.ts';
import { type ModelRead, readModelFiles } from './model-content.ts';
import type { ModelFile, ModelLocation } from './model-files.ts';

/**
 * Puts a model's files into a folder that does not exist yet: aside first, then renamed, so that it is whole or absent.
 *
 * @param files as `listModelFiles` gave them: their paths are safe
 * @throws as `readModelFiles`
 */
export async function fetchModel(
  client: MlflowClient,
  location: ModelLocation,
  files: readonly ModelFile[],
  to: { readonly folder: string; readonly progress: (read: ModelRead) => void },
): Promise<void> {
  const aside = `${to.folder}.partial`;
  await mkdir(aside);
  try {
    for await (const file of readModelFiles(client, location, files, to.progress)) {
      const target = path.join(aside, file.path);
      await mkdir(path.dirname(target), { recursive: true });
      // `wx`: a file that is there, or a link in its place, is not written through.
      await pipeline(file.content, createWriteStream(target, { flags: 'wx' }));
    }
    await rename(aside, to.folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}
