import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';

/** Before the work, so that a mistyped name does not cost its result. @throws WatchtowerError `InvalidRequest` */
export async function requireFolderOf(folder: string, file: string): Promise<void> {
  const target = path.resolve(folder, file);
  const found = await stat(path.dirname(target)).catch(() => null);
  if (found?.isDirectory() !== true) throw notWritten(file, 'there is no such folder');
  if ((await stat(target).catch(() => null))?.isDirectory() === true)
    throw notWritten(file, 'it is a folder');
}

/** @throws WatchtowerError `InvalidRequest` */
export async function writeReport(folder: string, file: string, page: string): Promise<void> {
  try {
    await writeFile(path.resolve(folder, file), page);
  } catch (error) {
    throw notWritten(file, error instanceof Error ? error.message : String(error));
  }
}

const notWritten = (file: string, why: string): WatchtowerError =>
  new WatchtowerError(
    'InvalidRequest',
    `The report cannot be written to ${file}: ${why}. Name another file.`,
  );
