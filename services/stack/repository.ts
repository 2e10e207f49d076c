import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this package runs from: the embedded stack starts the sources of its siblings. */
export const repositoryRoot = findUpwards(dirname(fileURLToPath(import.meta.url)), 'pnpm-workspace.yaml');

function findUpwards(start: string, file: string): string {
  if (existsSync(join(start, file))) return start;
  const parent = dirname(start);
  if (parent === start) throw new Error(`No ${file} above ${fileURLToPath(import.meta.url)}.`);
  return findUpwards(parent, file);
}
