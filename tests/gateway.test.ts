import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  healthReport,
  historyPage,
  type JsonObject,
  problem,
  type RunId,
  runAccepted,
  runDetail,
} from '@watchtower/contracts';
import { createDatabase, type Database } from '@watchtower/database';
import { connectStack, type StackConnection } from './stack-connection.ts';
import { endRun } from './written-steps.ts';

jest.setTimeout(120_000);

let stack: StackConnection;
let database: Database;
let url: string;

beforeAll(async () => {
  stack = await connectStack();
  database = createDatabase(stack.databaseUrl);
  ({ url } = await stack.startGateway({
    MLFLOW_MODEL_NAME: 'tiny',
    ALLOWED_ORIGINS: 'https://dashboard.test',
  }));
});
afterAll(async () => {
  await database?.$disconnect();
  await stack?.close();
});

const definition: JsonObject = {
  version: 1,
  model: 'tiny',
  data: { source: { type: 'synthetic' }, time_column: 'time', target: 'y' },
  windows: {
    reference: { from: '2024-01-01', to: '2024-02-01' },
    current: { from: '2024-02-01', to: '2024-03-01' },
  },
  retrain: { command: ['{python}', 'train.py'] },
  evaluate: { primary_metric: 'roc_auc' },
};

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ask = (path: string, { headers, ...sent }: Sent = {}) =>
  fetch(`${url}${path}`, { ...sent, headers: { 'X-API-Key': stack.apiKey, ...headers } });

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ask(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });

async function startRun(): Promise<RunId> {
  const answer = await ask('/pipeline/run', { method: 'POST' });
  expect(answer.status).toBe(202);
  return runAccepted.parse(await answer.json()).run_id;
}

test('health needs no key and names each dependency', async () => {
  const started = performance.now();
  const answer = await fetch(`${url}/health`);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(healthReport.parse(await answer.json()).dependencies).toMatchObject({
    postgres: { status: 'up' },
    temporal: { status: 'up' },
  });
});

test('a gateway whose dependencies are down starts, and says so within two seconds', async () => {
  const nowhere = {
    DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/none',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:1',
  };
  const lonely = await stack.startGateway(nowhere);
  const started = performance.now();
  const health = await fetch(`${lonely.url}/health`);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(health.status).toBe(503);
  expect(healthReport.parse(await health.json())).toMatchObject({
    status: 'down',
    dependencies: { postgres: { status: 'down' }, temporal: { status: 'down' }, mlflow: { status: 'down' } },
  });
  const refused = await fetch(`${lonely.url}/pipeline/history`, { headers: { 'X-API-Key': stack.apiKey } });
  expect(problem.parse(await refused.json()).code).toBe('DatabaseUnavailable');
  await lonely.stop();
});

describe('keys', () => {
  test('are asked for everywhere but on the open paths', async () => {
    for (const path of ['/pipeline/history', '/api/v1/models', '/nowhere']) {
      const answer = await fetch(`${url}${path}`);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(problem.parse(await answer.json()).code).toBe('Unauthorized');
    }
    for (const path of ['/health', '/openapi.json', '/docs']) {
      expect([path, (await fetch(`${url}${path}`)).status]).not.toEqual([path, 401]);
    }
  });

  test('are taken as bearer tokens as well, and refused where they are wrong', async () => {
    const bearer = { headers: { Authorization: `Bearer ${stack.apiKey}` } };
    expect((await fetch(`${url}/pipeline/history`, bearer)).status).toBe(200);
    expect(
      (await ask('/pipeline/history', { headers: { 'X-API-Key': 'another key of length' } })).status,
    ).toBe(401);
  });

  test('allow what their scopes say', async () => {
    const hash = createHash('sha256').update('a key that only reads').digest('hex');
    const id = '0190a000-0000-7000-8000-00000000000a';
    await database.apiKey.create({ data: { id, name: 'reader', hash, scopes: ['read'] } });
    const headers = { 'X-API-Key': 'a key that only reads' };
    expect((await ask('/pipeline/history', { headers })).status).toBe(200);
    const refused = await ask('/pipeline/run', { method: 'POST', headers });
    expect(problem.parse(await refused.json())).toMatchObject({ status: 403, code: 'Forbidden' });
  });
});

test('the key of the environment stops working once another, or none, takes its place', async () => {
  const statusWith = async (at: string, key: string) =>
    (await fetch(`${at}/pipeline/history`, { headers: { 'X-API-Key': key } })).status;
  const key = 'another key of the environment';
  const changed = await stack.startGateway({ API_KEY: key });
  expect([await statusWith(changed.url, key), await statusWith(changed.url, stack.apiKey)]).toEqual([
    200, 401,
  ]);
  await changed.stop();
  const unset = await stack.startGateway({ API_KEY: '' });
  expect(await statusWith(unset.url, key)).toBe(401);
  await unset.stop();
  const restored = await stack.startGateway();
  expect(await statusWith(restored.url, stack.apiKey)).toBe(200);
  await restored.stop();
});

describe('with a model', () => {
  beforeAll(async () => {
    expect((await post('/api/v1/models', { definition })).status).toBe(201);
  });

  test('the same definition makes no new version, another one does', async () => {
    const again = await post('/api/v1/models', { definition });
    expect([again.status, await again.json()]).toEqual([
      200,
      expect.objectContaining({ version: 1, changed: false }),
    ]);
    const changed = await post('/api/v1/models', { definition: { ...definition, description: 'small' } });
    expect([changed.status, await changed.json()]).toEqual([201, expect.objectContaining({ version: 2 })]);
  });

  test.each([
    ['GET', '/nowhere', undefined, 404, 'NotFound'],
    ['DELETE', '/pipeline/history', undefined, 405, 'MethodNotAllowed'],
    ['POST', '/pipeline/run', '{"model":', 400, 'InvalidRequest'],
    ['POST', '/pipeline/run', '{"modle":"tiny"}', 400, 'InvalidRequest'],
    ['POST', '/pipeline/run', '{"model":"unknown"}', 404, 'UnknownModel'],
    ['POST', '/pipeline/run', '{"data_window_id":"last_year"}', 422, 'UnknownWindow'],
    ['POST', '/api/v1/models', '{"definition":{"version":1}}', 422, 'InvalidDefinition'],
    ['POST', '/api/v1/models', `{"definition":"${'x'.repeat(1_100_000)}"}`, 413, 'RequestTooLarge'],
    ['GET', '/pipeline/history?page_size=101', undefined, 400, 'InvalidRequest'],
    ['GET', '/pipeline/status/not-an-id', undefined, 404, 'RunNotFound'],
    ['GET', '/pipeline/status/0190a000-0000-7000-8000-000000000000', undefined, 404, 'RunNotFound'],
    ['GET', '/reports/drift/latest', undefined, 404, 'ReportNotFound'],
    ['GET', '/reports/eval/latest', undefined, 404, 'ReportNotFound'],
  ])('%s %s with a wrong request is a problem (%#)', async (method, path, body, status, code) => {
    const answer = await ask(path, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } }),
    });
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(problem.parse(await answer.json())).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
  });

  test('a body that is not JSON is refused', async () => {
    const answer = await ask('/pipeline/run', { method: 'POST', body: 'model=tiny' });
    expect(problem.parse(await answer.json())).toMatchObject({ status: 415, code: 'UnsupportedMediaType' });
  });

  test.each([
    ['evaluate.primary_metric', { task: 'regression' }],
    ['evaluate.split.at', { evaluate: { primary_metric: 'roc_auc', split: { at: '2024-01-15' } } }],
    ['schedule.cron', { schedule: { cron: '99 6 * * 1' } }],
    ['schedule.timezone', { schedule: { cron: '0 6 * * 1', timezone: 'Mars/Olympus' } }],
  ])('a definition that cannot work is refused with the field named: %s', async (field, change) => {
    const answer = await post('/api/v1/models', { definition: { ...definition, ...change } });
    expect(problem.parse(await answer.json())).toMatchObject({
      status: 422,
      code: 'InvalidDefinition',
      errors: [{ path: `body.definition.${field}` }],
    });
  });

  test('an empty body sent in chunks, of no type, starts a run as well; another is of a wrong type', async () => {
    expect(await chunked('/pipeline/run', '')).toBe(202);
    expect(await chunked('/pipeline/run', '{}')).toBe(415);
  });

  test('an empty body starts a run of the default model', async () => {
    const id = await startRun();
    const detail = runDetail.parse(await (await ask(`/pipeline/status/${id}`)).json());
    expect(detail).toMatchObject({
      model: 'tiny',
      status: 'accepted',
      data_window_id: 'current',
      waiting_on: [],
    });
    expect(detail.links.stream).toContain(id);
  });

  test('one Idempotency-Key gives one run, however often and however many at once', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('/pipeline/run', {}, headers)));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    const other = await post('/pipeline/run', { dry_run: true }, headers);
    expect(problem.parse(await other.json())).toMatchObject({ status: 422, code: 'IdempotencyConflict' });
  });

  test('an accepted run can be cancelled, an ended one cannot', async () => {
    const id = await startRun();
    expect((await ask(`/pipeline/${id}/cancel`, { method: 'POST' })).status).toBe(202);
    await endRun(database, id, 1);
    const again = await ask(`/pipeline/${id}/cancel`, { method: 'POST' });
    expect(problem.parse(await again.json()).code).toBe('RunFinished');
  });

  test('a decision that no worker takes up is pending', async () => {
    const id = await startRun();
    const decision = { decision: 'approve', reason: 'better', evidence_digest: 'a'.repeat(64) };
    const answer = await post(`/pipeline/${id}/decision`, decision);
    expect([answer.status, await answer.json()]).toEqual([202, { run_id: id, status: 'pending' }]);
  });

  test('history is paged, newest first, without a run twice', async () => {
    for (let started = 0; started < 5; started += 1) await startRun();
    const pages = await Promise.all(
      [1, 2].map(async (page) =>
        historyPage.parse(await (await ask(`/pipeline/history?page=${page}&page_size=3`)).json()),
      ),
    );
    const runs = pages.flatMap((page) => page.runs);
    const times = runs.map(({ triggered_at }) => triggered_at);
    expect(runs).toHaveLength(6);
    expect(new Set(runs.map(({ run_id }) => run_id)).size).toBe(6);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test('browsers may call from the allowed origins only', async () => {
    const preflight = (origin: string) =>
      fetch(`${url}/pipeline/run`, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      });
    const allowed = await preflight('https://dashboard.test');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://dashboard.test',
    ]);
    expect((await preflight('https://elsewhere.test')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

/** The status of a POST whose length and type are not announced, which `fetch` would do. */
function chunked(path: string, body: string): Promise<number | undefined> {
  const headers = { 'X-API-Key': stack.apiKey, 'Transfer-Encoding': 'chunked' };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
