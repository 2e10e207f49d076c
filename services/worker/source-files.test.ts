import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sourceFilesOf } from './source-files.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'sources-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('what goes into a bundle are sources: no tests, declarations, packages or other files', async () => {
  await mkdir(path.join(root, 'inner'));
  await mkdir(path.join(root, 'node_modules'));
  for (const file of [
    'b.ts',
    'a.ts',
    'inner/c.js',
    'a.test.ts',
    'a.d.ts',
    'readme.md',
    'node_modules/d.js',
    '.tsbuildinfo',
  ]) {
    await writeFile(path.join(root, file), '');
  }
  const found = (await sourceFilesOf(root)).map((file) => path.relative(root, file));
  expect(found).toEqual(['a.ts', 'b.ts', path.join('inner', 'c.js')]);
});

test('a folder that is not there holds none', async () => {
  expect(await sourceFilesOf(path.join(root, 'absent'))).toEqual([]);
});
