import { readdir } from 'node:fs/promises';
import path from 'node:path';

const skipped = new Set(['node_modules', '.tsbuildinfo']);

/** TypeScript and JavaScript files below a folder, tests left out, in one order everywhere. */
export async function sourceFilesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skipped.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await sourceFilesOf(full)));
    else if (/\.(ts|js)$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name)) files.push(full);
  }
  return files;
}
