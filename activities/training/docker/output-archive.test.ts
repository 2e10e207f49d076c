import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { extract, type Header, pack } from 'tar-stream';
import { OutputRefused, takeOutput } from './output-archive.ts';

let folder = '';
let target = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-output-'));
  target = path.join(folder, 'output.tar');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Entry = Partial<Header> & Pick<Header, 'name'> & { readonly content?: string };

function tarOf(...entries: readonly Entry[]): Readable {
  const tar = pack();
  for (const { content = '', ...header } of entries) tar.entry(header, content);
  tar.finalize();
  return Readable.from(tar);
}

async function namesIn(file: string): Promise<readonly string[]> {
  const names: string[] = [];
  const reader = extract();
  reader.end(await readFile(file));
  for await (const entry of reader) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

const root: Entry = { name: 'output/', type: 'directory' };

describe('what a job left', () => {
  it('is taken without the name of its folder', async () => {
    const tar = tarOf(
      root,
      { name: 'output/metrics.json', content: '{"auc": 1}' },
      { name: 'output/model/', type: 'directory' },
      { name: 'output/model/MLmodel', content: 'flavors: {}' },
      { name: 'output/empty' },
    );
    expect(await takeOutput(tar, target, 1_000)).toEqual({ files: 3, bytes: 21 });
    expect(await namesIn(target)).toEqual(['metrics.json', 'model/MLmodel', 'empty']);
  });

  it('may be nothing', async () => {
    expect(await takeOutput(null, target, 1_000)).toEqual({ files: 0, bytes: 0 });
    expect(await namesIn(target)).toEqual([]);
  });

  it.each([
    [
      'a symbolic link',
      { name: 'output/a', type: 'symlink', linkname: '/etc/shadow' },
      /"output\/a" is a symlink/,
    ],
    ['a hard link', { name: 'output/a', type: 'link', linkname: 'output/b' }, /is a link/],
    ['a device', { name: 'output/a', type: 'character-device' }, /is a character-device/],
    ['a pipe', { name: 'output/a', type: 'fifo' }, /is a fifo/],
    ['a way up', { name: 'output/../../etc/passwd', content: 'x' }, /leads out/],
    ['an absolute name', { name: '/etc/passwd', content: 'x' }, /leads out/],
    ['a file in the place of the folder', { name: 'output', content: 'x' }, /is a file/],
    ['a link in the place of the folder', { name: 'output', type: 'symlink', linkname: '/' }, /is a symlink/],
    ['more than fits', { name: 'output/a', content: 'x'.repeat(2_000) }, /more than/],
  ] as const)('is refused where it holds %s, and nothing is kept', async (_, entry, why) => {
    const refused = await takeOutput(tarOf(root, entry), target, 1_000).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OutputRefused);
    expect(String(refused)).toMatch(why);
    await expect(stat(target)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
