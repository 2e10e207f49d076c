import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectEngine } from './engine.ts';
import { engineAddress } from './engine-address.ts';

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
    const engine = await connectEngine({ DOCKER_HOST: `unix://${socket}`, DOCKER_CERT_PATH: undefined }, 100);
    await expect(engine.identity()).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining(socket),
    });
  });

  it('that is not there is named with the reason', async () => {
    const engine = await connectEngine({
      DOCKER_HOST: `unix://${path.join(folder, 'nobody')}`,
      DOCKER_CERT_PATH: undefined,
    });
    await expect(engine.list([])).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringMatching(/ENOENT.*check that the engine runs/),
    });
  });

  it('on another machine is reached with certificates, and it is said which one is missing', async () => {
    const settings = { DOCKER_HOST: 'tcp://engine.test', DOCKER_CERT_PATH: folder };
    await expect(connectEngine(settings)).rejects.toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringMatching(/\.pem can't be read.*DOCKER_CERT_PATH/),
    });
    for (const name of ['ca', 'cert', 'key']) await writeFile(path.join(folder, `${name}.pem`), name);
    expect(await engineAddress(settings)).toEqual({
      name: 'tcp://engine.test',
      target: { protocol: 'https', host: 'engine.test', port: 2376, ca: 'ca', cert: 'cert', key: 'key' },
    });
    expect((await engineAddress({ ...settings, DOCKER_CERT_PATH: undefined })).target).toEqual({
      protocol: 'http',
      host: 'engine.test',
      port: 2375,
    });
  });
});
