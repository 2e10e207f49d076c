import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectEngine } from './engine.ts';

let folder = '';
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-engine-'));
});
afterEach(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a Docker engine', () => {
  it('that takes a question and never answers is given up, by its address', async () => {
    const socket = path.join(folder, 'socket');
    server = createServer((connection) => connection.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    const engine = await connectEngine(`unix://${socket}`, 100);
    await expect(engine.identity()).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining(socket),
    });
  });

  it('that is not there is named with the reason', async () => {
    const engine = await connectEngine(`unix://${path.join(folder, 'nobody')}`);
    await expect(engine.list([])).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringMatching(/ENOENT.*check that the engine runs/),
    });
  });
});
