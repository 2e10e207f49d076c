import { afterEach, describe, expect, test } from '@jest/globals';
import { asyncLocalStorage, CancelledFailure, Context } from '@temporalio/activity';
import { noTokens, parseEnvironment } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import {
  exampleRequest,
  type Script,
  type ScriptedProvider,
  startMessagesApi,
} from '../../tests/scripted-providers/index.ts';
import type { ActivityContext } from '../context.ts';
import { createReasoningActivities } from './index.ts';
import type { StepRow } from './transcript.ts';

const key = 'sk-ant-unit-5b1c77e0a94f4d-only-here';
let provider: ScriptedProvider | undefined;
afterEach(async () => {
  await provider?.close();
  provider = undefined;
});

/**
 * The activity as a worker runs it, on a scripted endpoint, with the steps and artifacts of one run in
 * memory.
 */
async function running(
  script: Script,
  variables: Readonly<Record<string, string>> = {},
  rows: readonly StepRow[] = [],
) {
  provider = await startMessagesApi({ key, script });
  const { baseUrl, requests } = provider;
  const artifacts = new Map<string, Buffer>();
  const heartbeats: unknown[] = [];
  const cancel = new AbortController();
  const context = {
    environment: parseEnvironment({ ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_API_KEY: key, ...variables }),
    artifacts: {
      put: async (content: string | Uint8Array) => {
        const name = sha256(content);
        artifacts.set(name, Buffer.from(content));
        return name;
      },
      read: async (name: string) => artifacts.get(name) ?? Buffer.from('?'),
    },
    database: {
      step: {
        findMany: async ({ where }: { readonly where: { readonly number: { readonly lte: number } } }) =>
          rows.filter(({ number }) => number <= where.number.lte),
        findFirst: async () => rows.at(-1) ?? null,
      },
    },
  } as unknown as ActivityContext;
  const activity = new Context(
    {} as Context['info'],
    new Promise<never>(() => {}),
    cancel.signal,
    (details) => heartbeats.push(details),
    undefined,
    {} as Context['log'],
    {} as Context['metricMeter'],
    {} as ConstructorParameters<typeof Context>[7],
  );
  const activities = createReasoningActivities(context);
  return {
    requests,
    artifacts,
    heartbeats,
    cancel,
    reason: (changes: Parameters<typeof exampleRequest>[0] = {}) =>
      asyncLocalStorage.run(activity, () =>
        activities.reason(
          exampleRequest({ ...changes, reasoner: { base_url: baseUrl, ...changes.reasoner } }),
        ),
      ),
  };
}

const inspect = { call: 'inspect_feature_drift', input: { column: 'dep_delay' } };

describe('a turn', () => {
  test('comes back with tokens, cost and the exchange that stands in the artifact store', async () => {
    const usage = {
      input_tokens: 1000,
      output_tokens: 200,
      cache_read_input_tokens: 10_000,
      cache_creation_input_tokens: null,
    };
    const { reason, artifacts, requests, heartbeats } = await running([
      { say: [{ text: 'I look.' }, inspect], usage },
    ]);
    const price = { input: 2, output: 10, cache_read: 0.1, cache_write: 2.5 };
    const turn = await reason({ reasoner: { price } });
    expect(turn).toMatchObject({
      stop: 'calls',
      model_id: 'claude-sonnet-5-5',
      request_id: 'req_1',
      tokens: { input: 1000, output: 200, cache_read: 10_000, cache_write: 0 },
      cost: 0.005,
    });
    const exchange = JSON.parse(artifacts.get(turn.exchange ?? '')?.toString('utf8') ?? 'null');
    expect(exchange).toMatchObject({ request: requests[0]?.body, answer: { stop_reason: 'tool_use' } });
    expect(heartbeats[0]).toMatchObject({ stage: 'reasoning' });
  });

  test('leaves no exchange behind where prompts are not stored, and the same digest', async () => {
    const say = { say: [inspect] };
    const { reason, artifacts } = await running([say], { WATCHTOWER_STORE_PROMPTS: 'false' });
    const { exchange } = await reason();
    expect(exchange).toMatch(/^[0-9a-f]{64}$/);
    expect(artifacts.size).toBe(0);
  });

  test('is said in a conversation read from the steps before it, and no later ones', async () => {
    const turn = { number: 1, reasoner: 'anthropic' };
    const rows: StepRow[] = [
      {
        number: 2,
        kind: 'tool_call',
        name: 'inspect_target_drift',
        payload: { call_id: 'turn_1_1', input: {}, turn },
      },
      {
        number: 3,
        kind: 'tool_result',
        name: 'inspect_target_drift',
        payload: { call_id: 'turn_1_1', is_error: false, result: { target: 'late' } },
      },
      { number: 4, kind: 'reasoning', name: 'anthropic', payload: { text: 'Not yet said.', turn } },
    ];
    const { reason, requests } = await running([{ say: [inspect] }], {}, rows);
    await reason();
    expect(requests[0]?.refused).toBeNull();
    const body = JSON.stringify(requests[0]?.body);
    expect(body).toContain('\\"target\\":\\"late\\"');
    expect(body).not.toContain('Not yet said.');
  });

  test('keeps the whole of a long text in the artifact store', async () => {
    const text = 'It moved. '.repeat(2000);
    const { reason, artifacts } = await running([{ say: [{ text }, inspect] }], {
      WATCHTOWER_STORE_PROMPTS: 'false',
    });
    const { blocks } = await reason();
    const [first] = blocks;
    if (first?.type !== 'text' || first.artifact === undefined) throw new Error('The text was not clipped.');
    expect(Buffer.byteLength(first.text)).toBeLessThanOrEqual(8 * 1024);
    expect(artifacts.get(first.artifact)?.toString('utf8')).toBe(text);
  });

  test('holds nothing that Postgres cannot keep, in texts and in inputs', async () => {
    const { reason } = await running([
      { say: [{ text: 'a\0b' }, { call: 'trigger_retrain', input: { 'x\ud800': ['\ud800', 'c\0d'] } }] },
    ]);
    expect(await reason()).toMatchObject({
      blocks: [
        { type: 'text', text: 'a\ufffdb' },
        { type: 'call', call: { input: { 'x\ufffd': ['\ufffd', 'c\ufffdd'] } } },
      ],
    });
  });

  test('goes on telling Temporal that it waits, and ends as cancelled when the run is', async () => {
    const { reason, cancel, heartbeats, requests } = await running([{ say: [inspect], delay: 30_000 }]);
    const waiting = reason().catch((error: unknown) => error);
    while (heartbeats.length < 2 || requests.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const cancelled = new CancelledFailure('CANCELLED');
    cancel.abort(cancelled);
    expect(await waiting).toBe(cancelled);
  });

  test('leaves our key in nothing that is kept or sent on', async () => {
    const echo = `Your key is ${key}`;
    const { reason, artifacts, heartbeats } = await running([
      {
        say: [{ text: echo }, { call: 'write_summary', input: { headline: echo, nested: { [key]: key } } }],
        model: key,
      },
      { status: 401, error: { type: 'authentication_error', message: echo } },
      { status: 500, headers: { 'retry-after': key }, error: { message: `Bearer ${key}` } },
      { body: echo },
    ]);
    const turn = await reason();
    const errors = [];
    for (let count = 0; count < 3; count += 1) errors.push(await reason().catch((error: unknown) => error));
    expect(errors.map((error) => (error instanceof Error ? error.name : error))).toEqual(
      Array(3).fill('WatchtowerError'),
    );
    const everything = [
      JSON.stringify([turn, heartbeats, errors]),
      ...errors.map((error) =>
        error instanceof Error ? `${error.message} ${error.stack} ${String(error.cause)}` : '',
      ),
      ...[...artifacts.values()].map((content) => content.toString('utf8')),
    ].join('\n');
    expect(everything).toContain('[redacted]');
    expect(everything).not.toContain(key);
  });

  test('of the policy reasoner calls nobody and costs nothing', async () => {
    const { reason, requests } = await running([]);
    const turn = await reason({ reasoner: { name: 'policy', model_id: null, base_url: null } });
    expect(turn).toMatchObject({ model_id: null, tokens: noTokens, cost: 0, exchange: null });
    expect(requests).toEqual([]);
  });
});
