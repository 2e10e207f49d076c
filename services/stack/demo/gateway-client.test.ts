import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { GatewayClient } from './gateway-client.ts';

let server: Server | undefined;
afterEach(async () => {
  const open = server;
  server = undefined;
  if (open === undefined) return;
  open.closeAllConnections();
  await new Promise((resolve) => open.close(resolve));
});

/** A client of a server that answers so, and what it tells people. */
async function clientOf(listener: RequestListener, patienceMs = 3000) {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const said: string[] = [];
  const endpoints = { gateway: `http://127.0.0.1:${port}`, api_key: 'a key of a test' };
  const client = new GatewayClient({ endpoints, say: (line) => said.push(line), patienceMs });
  return { client, said };
}

const answer = z.object({ ok: z.boolean() });

test('a request whose answer was lost is repeated under the same Idempotency-Key', async () => {
  const keys: unknown[] = [];
  const { client, said } = await clientOf((request, response) => {
    keys.push(request.headers['idempotency-key']);
    if (keys.length === 1) request.socket.destroy();
    else response.end('{"ok":true}');
  });
  expect(await client.post('/pipeline/run', {}, answer)).toEqual({ ok: true });
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBeDefined();
  expect(keys[1]).toBe(keys[0]);
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/does not answer .*trying again for up to 3 s/);
  expect(said[1]).toMatch(/answers again/);
});

test('a gateway that stays away is given up after its time, with a sentence that says so', async () => {
  const { client } = await clientOf((_, response) => response.writeHead(503).end(), 600);
  await expect(client.get('/pipeline/history', answer)).rejects.toThrow(/did not answer for 0.6 s \(503/);
});

test('a refusal is told at once, by a stream as well', async () => {
  const { client, said } = await clientOf((_, response) => response.writeHead(401).end());
  await expect(client.get('/pipeline/history', answer)).rejects.toThrow(/refused .* with 401/);
  await expect(client.follow('a-run').next()).rejects.toThrow(/refused .* with 401/);
  expect(said).toEqual([]);
});

test('a stream that breaks is taken up behind its last event', async () => {
  const resumed: unknown[] = [];
  const { client } = await clientOf((request, response) => {
    resumed.push(request.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (resumed.length === 1) {
      response.write('id: 1\nevent: step\ndata: {}\n\n', () => request.socket.destroy());
    } else {
      response.end('id: 2\nevent: step\ndata: {}\n\nevent: run_complete\ndata: {}\n\n');
    }
  });
  const events: string[] = [];
  for await (const { event, id } of client.follow('a-run')) events.push(`${event} ${id}`.trim());
  expect(events).toEqual(['step 1', 'step 2', 'run_complete']);
  expect(resumed).toEqual([undefined, '1']);
});
