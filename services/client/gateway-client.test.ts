import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { problemOf, step } from '@watchtower/contracts';
import type { GatewayAddress } from './gateway-address.ts';
import { GatewayClient } from './gateway-client.ts';
import { type ConnectionEvent, type ConnectionOptions, GatewayConnection } from './gateway-connection.ts';

let server: Server | undefined;
afterEach(async () => {
  const open = server;
  server = undefined;
  if (open === undefined) return;
  open.closeAllConnections();
  await new Promise((resolve) => open.close(resolve));
});

/** A server that answers so, instead of a gateway. @returns its address */
async function serve(listener: RequestListener, port = 0): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
}

function clientOf(url: string, options: ConnectionOptions = {}, address: Partial<GatewayAddress> = {}) {
  const events: ConnectionEvent[] = [];
  const report = (event: ConnectionEvent): void => void events.push(event);
  return { client: new GatewayClient({ url, key: 'a key', ...address }, { report, ...options }), events };
}

const runId = '01a208ac-0ef0-73a0-9eaa-d0458776e247';
const accepted = JSON.stringify({
  run_id: runId,
  status: 'accepted',
  triggered_at: '2026-01-01T00:00:00.000Z',
  links: {},
});

describe('a request', () => {
  test('whose answer was lost is repeated under the same Idempotency-Key', async () => {
    const keys: unknown[] = [];
    const url = await serve((request, response) => {
      keys.push(request.headers['idempotency-key']);
      if (keys.length === 1) response.writeHead(202).write('{"run', () => request.socket.destroy());
      else response.writeHead(202).end(accepted);
    });
    const { client, events } = clientOf(url);
    expect(await client.startRun({})).toMatchObject({ run_id: runId });
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]]);
    expect(events.map(({ kind }) => kind)).toEqual(['away', 'back']);
  });

  test.each(['an answer', 'a stream'])('for %s takes its key to no other address', async (what) => {
    const asked: string[] = [];
    const url = await serve(({ url: path = '' }, response) => {
      asked.push(path);
      response.writeHead(307, { Location: '/elsewhere' }).end();
    });
    const { client, events } = clientOf(url, { patienceMs: 5000 });
    const answer =
      what === 'an answer'
        ? client.models()
        : new GatewayConnection({ url, key: 'a key' }).openStream('/events', 0, AbortSignal.timeout(5000));
    await expect(answer).rejects.toMatchObject({
      code: 'GatewayNotUnderstood',
      message: expect.stringMatching(
        /redirects .* to another address, and an API key follows no redirection/,
      ),
    });
    expect({ asked: asked.length, events }).toEqual({ asked: 1, events: [] });
  });

  test('that takes no key is not repeated where it may have arrived', async () => {
    let asked = 0;
    const url = await serve((request) => {
      asked += 1;
      request.socket.destroy();
    });
    const { client } = clientOf(url, { patienceMs: 5000 });
    await expect(client.apply({})).rejects.toMatchObject({ code: 'GatewayUnavailable' });
    expect(asked).toBe(1);
  });

  test('to a gateway that is being restarted waits for it, with patience', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    const { client, events } = clientOf(url, { patienceMs: 20_000 });
    const models = client.models();
    setTimeout(
      () => void serve((_, response) => response.end('{"models":[]}'), Number(new URL(url).port)),
      300,
    );
    expect(await models).toEqual({ models: [] });
    expect(events).toEqual([
      { kind: 'away', why: expect.stringContaining('nobody listens there') },
      { kind: 'back' },
    ]);
  });

  test('is given up where nobody listens, with what to do about that address', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    const told = async (address: Partial<GatewayAddress>) =>
      clientOf(url, {}, address)
        .client.models()
        .catch((error: unknown) => (error instanceof Error ? error.message : error));
    const why = `The gateway at ${url} does not answer (nobody listens there).`;
    expect(await told({})).toBe(`${why} Is it up?`);
    expect(await told({ urlFrom: 'WATCHTOWER_URL' })).toBe(
      `${why} Is it up, and is WATCHTOWER_URL its address?`,
    );
    expect(await told({ urlFrom: '/a/endpoints.json' })).toBe(
      `${why} Its address is from /a/endpoints.json: is the stack still up ("watchtower up" starts it)?`,
    );
  });

  test('to a gateway that goes on failing is given up after the patience', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    const { client } = clientOf(url, { patienceMs: 500 });
    await expect(client.models()).rejects.toThrow('does not answer (503 for /models)');
    expect(asked).toBeGreaterThan(1);
  });

  test('ends with its signal, without a further try', async () => {
    const url = await serve(() => undefined);
    const controller = new AbortController();
    const { client } = clientOf(url, { patienceMs: 20_000, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('Enough.')), 100);
    await expect(client.models()).rejects.toThrow('Enough.');
  });
});

describe('a refusal', () => {
  test('has the code, the sentence and the fields of the gateway, at once', async () => {
    const errors = [{ path: 'query.page_size', message: 'too big' }];
    const body = JSON.stringify(problemOf('InvalidRequest', 'query.page_size: too big.', errors));
    const url = await serve((_, response) => response.writeHead(400).end(body));
    const { client, events } = clientOf(url, { patienceMs: 20_000 });
    const refused = { code: 'InvalidRequest', message: 'query.page_size: too big.', details: { errors } };
    await expect(client.runs({ page_size: '1000' })).rejects.toMatchObject(refused);
    await expect(client.follow(runId).next()).rejects.toMatchObject(refused);
    expect(events).toEqual([]);
  });

  test('of the key says which key, and does not repeat it', async () => {
    const body = JSON.stringify(problemOf('Unauthorized', 'The API key is not known.'));
    const url = await serve((_, response) => response.writeHead(401).end(body));
    const told = async (address: Partial<GatewayAddress>) =>
      clientOf(url, {}, { key: 'hunter2', ...address })
        .client.models()
        .catch((error: unknown) => (error instanceof Error ? error.message : error));
    expect(await told({ keyFrom: 'WATCHTOWER_API_KEY' })).toMatch(
      /does not know the key of WATCHTOWER_API_KEY/,
    );
    expect(await told({ keyFrom: '/a/endpoints.json' })).toMatch(
      /key of \/a\/endpoints\.json\. Start the stack/,
    );
    expect(await told({ key: undefined })).toMatch(/asks for an API key: set WATCHTOWER_API_KEY/);
    expect(await told({})).not.toContain('hunter2');
  });
});

test.each([
  ['no JSON', 200, '<html>', /answered \/models without JSON\. Is this address a Watchtower gateway/],
  ['another form', 200, '{"models":1}', /has another form than this client knows/],
  ['a bare status', 404, 'Not here', /answered \/models with 404 and without saying why/],
  [
    'a newer code',
    418,
    '{"code":"Teapot","detail":"Short and stout."}',
    /Short and stout\. \(Teapot, of which/,
  ],
])('an answer with %s is not understood', async (_, status, body, message) => {
  const url = await serve((__, response) => response.writeHead(status).end(body));
  const failure = { code: 'GatewayNotUnderstood', message: expect.stringMatching(message) };
  await expect(clientOf(url).client.models()).rejects.toMatchObject(failure);
});

const eventOf = (number: number): string => {
  const data = step.parse({
    run_id: runId,
    number,
    kind: 'status',
    name: 'written_by_test',
    message: `step ${number}`,
    payload: {},
    at: '2026-01-01T00:00:00.000Z',
    temporal: { workflow_id: 'w', workflow_run_id: 'r', activity_id: '1' },
    previous_hash: '0'.repeat(64),
    hash: '0'.repeat(64),
  });
  return `id: ${number}\nevent: step\ndata: ${JSON.stringify(data)}\n\n`;
};

describe('a stream', () => {
  test('that breaks is taken up behind its last step, and none comes twice', async () => {
    const resumed: unknown[] = [];
    const url = await serve((request, response) => {
      resumed.push(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const [events = ''] = [
        [eventOf(1), 'event: step\ndata: {"half'],
        [eventOf(1), eventOf(2), 'event: from_a_later_version\ndata: {}\n\n', eventOf(3)],
      ]
        .map((parts) => parts.join(''))
        .slice(resumed.length - 1);
      response.write(events, () => request.socket.destroy());
    });
    const numbers: number[] = [];
    for await (const event of clientOf(url).client.follow(runId)) {
      if (event.event === 'step') numbers.push(event.step.number);
      if (numbers.at(-1) === 3) break;
    }
    expect(numbers).toEqual([1, 2, 3]);
    expect(resumed).toEqual(['0', '1']);
  });

  test('whose gateway stays away says so once, and ends with the patience', async () => {
    const url = await serve((request) => request.socket.destroy());
    const events: unknown[] = [];
    const following = (async () => {
      for await (const event of clientOf(url).client.follow(runId, { patienceMs: 1200 })) events.push(event);
    })();
    await expect(following).rejects.toMatchObject({ code: 'GatewayUnavailable' });
    expect(events).toEqual([{ event: 'away', why: expect.stringContaining('does not answer') }]);
  });

  test('with a step of another form is not asked for again', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200).write('event: step\ndata: {}\n\n');
    });
    await expect(clientOf(url).client.follow(runId).next()).rejects.toMatchObject({
      code: 'GatewayNotUnderstood',
    });
  });

  test('ends with its signal, without an error', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200).write(': still here\n\n');
    });
    const following = clientOf(url).client.follow(runId, { signal: AbortSignal.timeout(200) });
    expect(await following.next()).toEqual({ done: true, value: undefined });
  });
});
