import { copyFile, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { flatFiles } from './flat-files.ts';
import { readerOf } from './testing/reader-of.ts';

const one = path.join(import.meta.dirname, 'oracle', 'many-pages.parquet');

/** Files of a folder that this process has open. */
async function openIn(folder: string): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((link) => link.startsWith(folder)).length;
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('of many files only some are open at a time, and none at the end', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-open-files-'));
  try {
    const paths = Array.from({ length: 100 }, (_, i) => path.join(folder, `${i}.parquet`));
    for (const each of paths) await copyFile(one, each);
    const flat = await flatFiles(paths);
    if (flat === null) throw new Error('they are flat');
    const { reader, into } = readerOf(flat);
    for (const name of ['float', 'int']) {
      expect(reader.readNumbers({ name, type: 'numeric' }, into)).toBe(true);
      expect(await openIn(folder)).toBeLessThanOrEqual(64);
    }
    expect(await openIn(folder)).toBeGreaterThan(0);
    reader.close();
    expect(await openIn(folder)).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
