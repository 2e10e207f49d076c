import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { choosePorts } from './ports.ts';

let folder: string;
let file: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ports-'));
  file = join(folder, 'ports.json');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

test('ports are free, distinct, and kept in a file of their owner', async () => {
  const first = await choosePorts(file, {});
  expect(new Set(Object.values(first.ports)).size).toBe(5);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await choosePorts(file, {})).toEqual({ ports: first.ports, moved: [] });
});

test('a kept port that somebody took is replaced, and said', async () => {
  const { ports } = await choosePorts(file, {});
  await occupy(ports.mlflow);
  const again = await choosePorts(file, {});
  expect(again.ports).toEqual({ ...ports, mlflow: again.ports.mlflow });
  expect(again.ports.mlflow).not.toBe(ports.mlflow);
  expect(again.moved).toEqual([expect.stringContaining(`port ${ports.mlflow} is taken`)]);
});

test('a fixed port that is taken names its variable', async () => {
  const { ports } = await choosePorts(file, {});
  await occupy(ports.gateway);
  const variables = { WATCHTOWER_GATEWAY_PORT: String(ports.gateway) };
  await expect(choosePorts(file, variables)).rejects.toThrow(/WATCHTOWER_GATEWAY_PORT, is taken/);
});

test.each(['0', '65536', 'http', '1.5'])('%s is no port', async (text) => {
  await expect(choosePorts(file, { WATCHTOWER_TEMPORAL_PORT: text })).rejects.toThrow(
    /WATCHTOWER_TEMPORAL_PORT was/,
  );
});
