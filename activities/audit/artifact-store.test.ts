import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '@watchtower/contracts/digest';
import { type ArtifactStore, folderArtifactStore } from './artifact-store.ts';

let root: string;
let store: ArtifactStore;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'artifacts-'));
  store = folderArtifactStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const files = async () =>
  (await readdir(root, { recursive: true })).filter((name) => name.includes(path.sep));

describe('the artifact store', () => {
  test('names what it is given by its SHA-256 and gives it back', async () => {
    const name = await store.put('a report');
    expect(name).toBe(sha256('a report'));
    expect((await store.read(name)).toString()).toBe('a report');
    expect(await readFile(await store.pathOf(name), 'utf8')).toBe('a report');
  });

  test('keeps bytes and files under the name of their content', async () => {
    const bytes = Uint8Array.from([0, 255, 128]);
    const file = path.join(root, 'rows.parquet');
    await writeFile(file, bytes);
    expect(await store.putFile(file)).toBe(await store.put(bytes));
    expect([...(await store.read(sha256(bytes)))]).toEqual([0, 255, 128]);
  });

  test('is one file for one content, whoever writes it at the same time', async () => {
    const content = 'x'.repeat(500_000);
    const names = await Promise.all(Array.from({ length: 20 }, () => store.put(content)));
    expect(new Set(names).size).toBe(1);
    expect(await files()).toEqual([path.join(names[0]?.slice(0, 2) ?? '', names[0] ?? '')]);
  });

  test('shows nothing of a write that did not end', async () => {
    const name = await store.put('before');
    await expect(store.putFile(path.join(root, 'absent'))).rejects.toThrow();
    await writeFile(`${await store.pathOf(name)}.1234.1.partial`, 'bef');
    expect((await store.read(name)).toString()).toBe('before');
    const unwritten = sha256('after');
    await expect(store.read(unwritten)).rejects.toMatchObject({ code: 'ArtifactMissing' });
    await expect(store.pathOf(unwritten)).rejects.toMatchObject({ code: 'ArtifactMissing' });
  });

  test('does not take a file that the system cannot read now for one that is not there', async () => {
    const name = sha256('in a circle');
    const file = path.join(root, name.slice(0, 2), name);
    await mkdir(path.dirname(file), { recursive: true });
    await symlink(file, file);
    for (const act of [() => store.read(name), () => store.pathOf(name), () => store.put('in a circle')]) {
      await expect(act()).rejects.toMatchObject({
        code: 'ArtifactStoreUnavailable',
        retryable: true,
        message: expect.stringContaining('ELOOP'),
      });
    }
  });

  test('says so where it cannot be written', async () => {
    const name = sha256('no room');
    await writeFile(path.join(root, name.slice(0, 2)), 'a file where a folder is wanted');
    await expect(store.put('no room')).rejects.toMatchObject({
      code: 'ArtifactStoreUnavailable',
      message: expect.stringMatching(/cannot be written now \((ENOTDIR|EEXIST)/),
    });
  });

  test('tells a file that was changed after it was written', async () => {
    const name = await store.put('the rows that were scored');
    await writeFile(await store.pathOf(name), 'the rows that were  scored');
    await expect(store.read(name)).rejects.toMatchObject({
      code: 'ArtifactMissing',
      message: expect.stringContaining('was changed'),
    });
  });
});
