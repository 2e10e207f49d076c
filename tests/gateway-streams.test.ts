import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { GatewayClient } from '@watchtower/client';
import { type RunId, stepsPage } from '@watchtower/contracts';
import { createDatabase, type Database } from '@watchtower/database';
import { syntheticDefinition } from './lab.ts';
import { connectStack, type StackConnection } from './stack-connection.ts';
import { writeSteps } from './written-steps.ts';

jest.setTimeout(120_000);

let stack: StackConnection;
let database: Database;
let url: string;
let client: GatewayClient;

beforeAll(async () => {
  stack = await connectStack();
  database = createDatabase(stack.databaseUrl);
  ({ url } = await stack.startGateway({ MLFLOW_MODEL_NAME: 'streamed' }));
  client = new GatewayClient({ url, key: stack.apiKey });
  await client.apply(syntheticDefinition('streamed', {}));
});
afterAll(async () => {
  await database?.$disconnect();
  await stack?.close();
});

const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}${path}`, { headers: { 'X-API-Key': stack.apiKey, ...headers } });

test('a stream taken up at ten random places, while steps are written, gives each once and in order', async () => {
  const { run_id: id } = await client.startRun({});
  const count = 120;
  const writing = writeSteps(database, id, count);
  const received: number[] = [];
  for (let cut = 0; cut < 10; cut += 1) {
    const take = 1 + Math.floor(Math.random() * 10);
    received.push(...(await someSteps(id, received.at(-1) ?? 0, take)));
  }
  let ended: string | undefined;
  for await (const event of client.follow(id, { after: received.at(-1) ?? 0 })) {
    if (event.event === 'step') received.push(event.step.number);
    else ended = event.event;
  }
  await writing;
  expect(received).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(ended).toBe('run_failed');

  const back = await ask(`/pipeline/status/${id}/stream`, {
    'Last-Event-ID': String(count),
  });
  expect(back.status).toBe(204);
  // Who missed the end asks the run itself.
  const missed = [];
  for await (const event of client.follow(id, { after: count })) missed.push(event.event);
  expect(missed).toEqual(['run_failed']);

  const listed = stepsPage.parse(await (await ask(`/pipeline/${id}/steps?after=100&limit=10`)).json());
  expect([listed.steps.length, listed.next_after]).toEqual([10, 110]);
});

/** Opens a stream behind a step, takes some more and breaks the connection. */
async function someSteps(id: RunId, after: number, count: number): Promise<number[]> {
  const numbers: number[] = [];
  for await (const event of client.follow(id, { after })) {
    if (event.event === 'step') numbers.push(event.step.number);
    if (numbers.length >= count) break;
  }
  return numbers;
}
