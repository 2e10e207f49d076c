import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { parseEnvironment, type ReasonerInput, type TokenUsage } from '@watchtower/contracts';
import {
  exampleInput,
  exampleTranscript,
  type Script,
  type ScriptedAnswer,
  type ScriptedProvider,
  startChatCompletions,
  startMessagesApi,
} from '../../tests/scripted-providers/index.ts';
import { anthropicReasoner, apiVersion } from './anthropic/index.ts';
import { groqAddress, openaiAddress } from './endpoints.ts';
import { largestAnswer } from './limited-fetch.ts';
import { openaiReasoner } from './openai/index.ts';
import { limitField } from './openai/request.ts';
import type { SpokenTurn } from './reasoner.ts';

const key = 'sk-unit-7f3a9c51e2d84b60-only-here';
let provider: ScriptedProvider | undefined;
afterEach(async () => {
  await provider?.close();
  provider = undefined;
});

/** Both adapters against a server of their interface: what is said of one here is said of the other. */
const interfaces = {
  anthropic: {
    start: startMessagesApi,
    variables: (url: string) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key }),
    reasoner: anthropicReasoner,
    model: 'claude-sonnet-5-5',
  },
  openai: {
    start: startChatCompletions,
    variables: (url: string) => ({ OPENAI_BASE_URL: url, OPENAI_API_KEY: key }),
    reasoner: openaiReasoner,
    model: 'gpt-6-sol',
  },
} as const;
type Interface = keyof typeof interfaces;
const names = ['anthropic', 'openai'] as const;

async function asking(name: Interface, script: Script) {
  const { start, variables, reasoner, model } = interfaces[name];
  provider = await start({ key, script });
  const { baseUrl } = provider;
  const adapter = reasoner(parseEnvironment(variables(baseUrl)));
  const settings = { name, model_id: model, base_url: baseUrl };
  const never = new AbortController().signal;
  return {
    provider,
    turn: (
      changes: Parameters<typeof exampleInput>[0] = {},
      transcript: ReasonerInput['transcript'] = [],
      signal: AbortSignal = never,
    ): Promise<SpokenTurn> =>
      adapter.turn(
        exampleInput({ ...changes, reasoner: { ...settings, ...changes.reasoner } }, transcript),
        signal,
      ),
  };
}

const said = (answer: ScriptedAnswer): Script => [answer];
const inspect = { call: 'inspect_feature_drift', input: { column: 'dep_delay' } };
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(names)('the %s adapter', (name) => {
  test('answers with texts and calls in order, under ids of ours', async () => {
    const { turn } = await asking(name, said({ say: [{ text: 'It moved. I look.' }, inspect, inspect] }));
    const answer = await turn({ turn: 3 });
    expect(answer.blocks).toEqual([
      { type: 'text', text: 'It moved. I look.' },
      { type: 'call', call: { id: 'turn_3_1', name: inspect.call, input: inspect.input } },
      { type: 'call', call: { id: 'turn_3_2', name: inspect.call, input: inspect.input } },
    ]);
    expect(answer).toMatchObject({ stop: 'calls', model_id: interfaces[name].model, request_id: 'req_1' });
  });

  test('sends a conversation that the interface accepts, tools and allowed ones named', async () => {
    const {
      provider: { requests },
      turn,
    } = await asking(name, said({ say: [inspect] }));
    await turn({ turn: 3 }, exampleTranscript);
    expect(requests).toEqual([expect.objectContaining({ refused: null, authorized: true })]);
    const body = JSON.stringify(requests[0]?.body);
    expect(body).toContain(
      'Tools allowed now: inspect_statistical_drift, inspect_feature_drift, decide_retraining.',
    );
    expect(body).toContain('write_summary');
    expect(body).toContain('Decide first.');
  });

  test('lets the provider cache what stays the same, and counts each token once', async () => {
    const { turn } = await asking(name, [{ say: [inspect] }, { say: [inspect] }]);
    const first = await turn({}, []);
    const second = await turn({ turn: 3 }, exampleTranscript);
    const total = ({ input, cache_read, cache_write }: TokenUsage) => input + cache_read + cache_write;
    expect(first.tokens.cache_read).toBe(0);
    expect(second.tokens.cache_read).toBeGreaterThan(1000);
    // What is new in the second turn is the conversation since, and little else.
    expect(total(second.tokens) - second.tokens.cache_read).toBeLessThan(total(first.tokens) / 2);
  });

  test('counts by estimate where the endpoint does not', async () => {
    const { turn } = await asking(name, said({ say: [inspect], usage: null }));
    const { tokens } = await turn();
    expect(tokens.input).toBeGreaterThan(1000);
    expect(tokens.output).toBeGreaterThan(10);
  });

  test.each(['length', 'refusal'] as const)('tells a stop for %s', async (stop) => {
    const { turn } = await asking(name, said({ say: [{ text: 'I' }], stop }));
    expect(await turn()).toMatchObject({ stop, blocks: [{ type: 'text', text: 'I' }] });
  });

  test('tells an answer that asks for nothing', async () => {
    const { turn } = await asking(name, said({ say: [{ text: 'Done.' }] }));
    expect(await turn()).toMatchObject({ stop: 'end' });
  });

  test('marks the call at which an answer was cut off', async () => {
    const { turn } = await asking(name, said({ say: [inspect, inspect], stop: 'length' }));
    const { blocks } = await turn();
    expect(blocks).toMatchObject([
      { call: { id: 'turn_1_1' } },
      { call: { problem: expect.stringContaining('cut off by its token limit') } },
    ]);
    expect(blocks[0]).not.toHaveProperty('call.problem');
  });

  test('passes on tools that do not exist under a name that can be said back', async () => {
    const { turn } = await asking(name, said({ say: [{ call: 'rm -rf', input: {} }] }));
    expect(await turn()).toMatchObject({ blocks: [{ call: { name: 'rm_-rf', input: {} } }] });
  });

  test('keeps request and answer, and no header of either', async () => {
    const {
      provider: { requests },
      turn,
    } = await asking(name, said({ say: [inspect] }));
    const { exchange } = await turn();
    expect(exchange?.request).toEqual(requests[0]?.body);
    expect(JSON.stringify(exchange?.answer)).toContain('inspect_feature_drift');
    expect(JSON.stringify(exchange)).not.toMatch(/authorization|x-api-key/i);
  });

  test.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
    [{ status: 429, headers: { 'retry-after': '7', 'retry-after-ms': '1500' } }, 1_500],
    [{ status: 529, error: { type: 'overloaded_error', message: 'Overloaded' } }, undefined],
    [{ status: 408 }, undefined],
    [{ status: 409 }, undefined],
    [{ status: 503, headers: { 'retry-after': 'soon' } }, undefined],
    [{ status: 400, headers: { 'x-should-retry': 'true' } }, undefined],
  ] as const)('has %j tried again', async (failure, retryAfterMs) => {
    const {
      provider: { requests },
      turn,
    } = await asking(name, said(failure));
    expect(await caught(turn())).toMatchObject({
      code: 'ReasonerUnavailable',
      retryable: true,
      retryAfterMs,
    });
    // The SDK itself has not tried again.
    expect(requests).toHaveLength(1);
  });

  test.each([
    [{ status: 400, error: { type: 'invalid_request_error', message: 'tools.0: bad' } }, 'tools.0: bad'],
    [{ status: 404, error: { message: 'The model `x` does not exist' } }, 'LLM_MODEL_ID'],
    [{ status: 402, error: { message: 'no credit' } }, 'account'],
    [{ status: 529, headers: { 'x-should-retry': 'false' } }, '529'],
  ])('does not have %j tried again', async (failure, told) => {
    const { turn } = await asking(name, said(failure));
    const error = await caught(turn());
    expect(error).toMatchObject({ code: 'ReasonerRejected', retryable: false });
    expect(error).toMatchObject({ message: expect.stringContaining(told) });
    expect(error).toMatchObject({ message: expect.stringContaining('127.0.0.1') });
  });

  test.each([
    [{ drop: 'at once' }, /The connection to 127\.0\.0\.1:\d+ failed/],
    [{ drop: 'within the body' }, /The connection to 127\.0\.0\.1:\d+ failed/],
    [{ body: '<html><h1>Sign in</h1></html>' }, /something else than a language model's answer \(<html>/],
    [{ body: '{"choices": [', content_type: 'application/json' }, /something else/],
    [{ body: '', content_type: 'application/json' }, /an empty body/],
    [{ body: '{"object": "list"}', content_type: 'application/json' }, /something else/],
    [{ body: '['.repeat(100_000), content_type: 'application/json' }, /something else/],
    [
      { body: `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, content_type: 'application/json' },
      /something else/,
    ],
  ] as const)('has an answer that is none tried again (%#)', async (failure, told) => {
    const { turn } = await asking(name, said(failure));
    const error = await caught(turn());
    expect(error).toMatchObject({ code: 'ReasonerUnavailable', message: expect.stringMatching(told) });
  });

  test.each([
    ['slow to begin', { say: [inspect], delay: 10_000 }],
    ['slow to end', { trickle: true }],
  ] as const)('ends an answer that is %s at the time it may take', async (_, answer) => {
    const { turn } = await asking(name, said(answer));
    const began = Date.now();
    const error = await caught(turn({ reasoner: { timeout_seconds: 1 } }));
    expect(error).toMatchObject({
      code: 'ReasonerUnavailable',
      message: expect.stringContaining('within 1 s'),
    });
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test.each([
    ['before it begins', { say: [inspect], delay: 10_000 }],
    ['while it is read', { trickle: true }],
  ] as const)('is stopped by cancellation %s, and says nothing else', async (_, answer) => {
    const {
      provider: { requests },
      turn,
    } = await asking(name, said(answer));
    const cancel = new AbortController();
    const stopped = new Error('CANCELLED');
    const waiting = caught(turn({}, [], cancel.signal));
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    cancel.abort(stopped);
    expect(await waiting).toBe(stopped);
  });

  test('reads no more than an answer can have', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(largestAnswer + 1) });
    const { turn } = await asking(name, said({ body, content_type: 'application/json' }));
    expect(await caught(turn())).toMatchObject({
      code: 'ReasonerRejected',
      message: expect.stringContaining('more bytes'),
    });
  });

  test('follows nobody elsewhere, so that the key goes nowhere else', async () => {
    const elsewhere = await interfaces[name].start({ key, script: [{ say: [inspect] }] });
    try {
      const headers = { location: `${elsewhere.baseUrl}/` };
      const { turn } = await asking(name, said({ status: 307, headers }));
      expect(await caught(turn())).toMatchObject({
        code: 'ReasonerRejected',
        message: expect.stringContaining('Check the base URL'),
      });
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  test('writes no body into a log, whatever the process asks its SDK for', async () => {
    const variable = name === 'anthropic' ? 'ANTHROPIC_LOG' : 'OPENAI_LOG';
    const spies = (['debug', 'info', 'log', 'warn', 'error'] as const).map((level) =>
      jest.spyOn(console, level),
    );
    process.env[variable] = 'debug';
    try {
      const { turn } = await asking(name, [{ say: [inspect] }, { status: 500 }]);
      await turn();
      await caught(turn());
      for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    } finally {
      delete process.env[variable];
      for (const spy of spies) spy.mockRestore();
    }
  });

  test('is not called where the budget leaves no room', async () => {
    const {
      provider: { requests },
      turn,
    } = await asking(name, said({ say: [inspect] }));
    const spent = { tokens: { input: 99_000, output: 0, cache_read: 0, cache_write: 0 }, cost: null };
    expect(await caught(turn({ spent }))).toMatchObject({ code: 'ReasonerTokensSpent' });
    expect(requests).toEqual([]);
  });

  test('says where a key is missing, and calls nobody', async () => {
    const {
      provider: { baseUrl, requests },
    } = await asking(name, said({ say: [inspect] }));
    const variables =
      name === 'anthropic'
        ? { ANTHROPIC_BASE_URL: baseUrl }
        : { OPENAI_BASE_URL: 'https://api.openai.com/v1' };
    const base_url = name === 'anthropic' ? baseUrl : 'https://api.openai.com/v1';
    const adapter = interfaces[name].reasoner(parseEnvironment(variables));
    const input = exampleInput({ reasoner: { name, base_url } });
    expect(await caught(adapter.turn(input, new AbortController().signal))).toMatchObject({
      code: 'ReasonerNotConfigured',
      message: expect.stringContaining(name === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'OPENAI_API_KEY'),
    });
    expect(requests).toEqual([]);
  });

  test('repeats no key that was mounted with a new line behind it', async () => {
    const plain = 'a0b1c2d3e4f5a6b7c8d9';
    const { start, variables, reasoner, model } = interfaces[name];
    provider = await start({ key: plain, script: said({ say: [{ text: `Your key is ${plain}.` }] }) });
    const { baseUrl } = provider;
    const own = Object.entries(variables(baseUrl)).map(([variable, value]) =>
      value === key ? [variable, ` ${plain}\n`] : [variable, value],
    );
    const adapter = reasoner(parseEnvironment(Object.fromEntries(own)));
    const input = exampleInput({ reasoner: { name, model_id: model, base_url: baseUrl } });
    const answer = await adapter.turn(input, new AbortController().signal);
    expect(answer.blocks).toEqual([{ type: 'text', text: 'Your key is [redacted].' }]);
  });

  test.each([
    [{ status: 401, error: { message: `Incorrect API key provided: ${key}. Find yours.` } }],
    [{ status: 500, error: { message: `upstream said: Authorization: Bearer ${key}` } }],
    [{ body: `<html>x-api-key: ${key}</html>` }],
    [{ say: [{ text: `Your key is ${key}.` }, { call: key, input: { column: key } }], model: key }],
  ] as const)('repeats no key, whatever the endpoint answers (%#)', async (answer) => {
    const { turn } = await asking(name, said(answer));
    const outcome = await turn().catch((error: unknown) => error);
    const told =
      outcome instanceof Error ? `${outcome.message} ${outcome.stack} ${String(outcome.cause)}` : '';
    expect(told + JSON.stringify(outcome)).not.toContain(key);
    expect(told + JSON.stringify(outcome)).not.toContain(key.slice(3, 20));
  });
});

describe('a key that comes back escaped', () => {
  const escaped = key.replace('s', String.raw`\u0073`).replace('-', String.raw`\u002d`);
  const bodies = {
    anthropic: `{"model": "m", "stop_reason": "tool_use", "usage": null, "content": [
      {"type": "text", "text": "KEY"}, {"type": "tool_use", "name": "KEY", "input": {"KEY": ["KEY"]}}]}`,
    openai: String.raw`{"model": "m", "choices": [{"finish_reason": "stop", "message": {"content": "KEY",
      "tool_calls": [{"function": {"name": "KEY", "arguments": "{\"KEY\": [\"\KEY\", \"KEY\"]}"}}]}}]}`,
  };

  test.each(names)('through %s stands in nothing that is kept', async (name) => {
    const body = bodies[name].replaceAll('KEY', escaped);
    const { turn } = await asking(name, said({ body, content_type: 'application/json' }));
    const answer = await turn();
    expect(answer.blocks).toHaveLength(2);
    expect(JSON.stringify(answer)).toContain('[redacted]');
    expect(JSON.stringify(answer)).not.toContain(key.slice(5));
  });
});

describe('the anthropic adapter', () => {
  test('speaks the version of the interface that its SDK speaks, with the key as the SDK sends it', async () => {
    const own: Headers[] = [];
    const spy: typeof fetch = async (_, init) => {
      own.push(new Headers(init?.headers));
      return Response.json({});
    };
    const client = new Anthropic({ apiKey: key, baseURL: 'http://127.0.0.1:1', fetch: spy, logLevel: 'off' });
    await client.messages.create({ model: 'm', max_tokens: 1, messages: [] }).asResponse();
    expect(own[0]?.get('anthropic-version')).toBe(apiVersion);
    expect(own[0]?.get('authorization')).toBe(`Bearer ${key}`);
    expect(own[0]?.get('x-api-key')).toBeNull();
  });

  test('shows what is written between calls, which current models give as thinking', async () => {
    const content = [
      { type: 'thinking', thinking: 'dep_delay moved most.', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'eHg=' },
      { type: 'tool_use', id: 'toolu_1', name: 'inspect_statistical_drift', input: {} },
    ];
    const body = JSON.stringify({
      model: 'claude-sonnet-5-5',
      content,
      stop_reason: 'tool_use',
      usage: null,
    });
    const { turn } = await asking('anthropic', said({ body, content_type: 'application/json' }));
    expect((await turn()).blocks).toMatchObject([
      { type: 'text', text: 'dep_delay moved most.' },
      { type: 'call', call: { id: 'turn_1_1' } },
    ]);
  });

  test('takes a call that lacks a part for one, so that results keep their places', async () => {
    const content = [
      { type: 'tool_use', id: 'toolu_1' },
      { type: 'tool_use', id: 'toolu_2', name: 'inspect_statistical_drift', input: {} },
    ];
    const body = JSON.stringify({ model: 'm', content, stop_reason: 'tool_use', usage: null });
    const { turn } = await asking('anthropic', said({ body, content_type: 'application/json' }));
    expect((await turn()).blocks).toMatchObject([
      { call: { id: 'turn_1_1', name: 'unnamed', input: {} } },
      { call: { id: 'turn_1_2', name: 'inspect_statistical_drift' } },
    ]);
  });

  test.each([
    ['claude-sonnet-5-5', { type: 'between_tools' }],
    ['claude-sonnet-5-5-20260928', { type: 'between_tools' }],
    ['claude-opus-5-5', { type: 'adaptive', display: 'summarized' }],
    ['claude-haiku-4-5', undefined],
    ['some-proxy-model', undefined],
  ])('asks %s for it as that model wants to be asked', async (model_id, thinking) => {
    const {
      provider: { requests },
      turn,
    } = await asking('anthropic', said({ say: [inspect] }));
    await turn({ reasoner: { model_id } });
    expect(requests[0]).toMatchObject({ refused: null });
    expect(requests[0]?.body).toEqual(expect.objectContaining({ model: model_id }));
    expect(requests.map(({ body }) => (body as { thinking?: unknown }).thinking)).toEqual([thinking]);
  });
});

describe('the openai adapter', () => {
  const bodyOf = (request: { readonly body: unknown } | undefined) =>
    request?.body as { max_tokens?: number; max_completion_tokens?: number };

  test.each([
    ['gpt-6-sol', { max_completion_tokens: 4096 }],
    ['o4-mini', { max_completion_tokens: 4096 }],
    // Ollama takes the newer field and does not heed it.
    ['qwen3:32b', { max_tokens: 4096 }],
    ['gpt-oss:20b', { max_tokens: 4096 }],
  ])('bounds an answer of %s by the field that its server heeds', async (model_id, limit) => {
    const {
      provider: { requests },
      turn,
    } = await asking('openai', said({ say: [inspect] }));
    await turn({ reasoner: { model_id } });
    expect(requests[0]).toMatchObject({ refused: null });
    const { max_tokens, max_completion_tokens } = bodyOf(requests[0]);
    expect({ max_tokens, max_completion_tokens }).toEqual(limit);
  });

  test('bounds answers of OpenAI and Groq by the field in force, whatever the model is called', () => {
    expect(limitField('ft:custom', openaiAddress)).toBe('max_completion_tokens');
    expect(limitField('llama-3.3-70b-versatile', groqAddress)).toBe('max_completion_tokens');
    expect(limitField('llama-3.3-70b-versatile', 'http://127.0.0.1:11434/v1')).toBe('max_tokens');
  });

  test('takes the other field where the endpoint refuses the one, and goes no further', async () => {
    const message = "Unsupported parameter: 'max_tokens' is not supported with this model.";
    const refused = { status: 400, error: { message } };
    const {
      provider: { requests },
      turn,
    } = await asking('openai', [refused, { say: [inspect] }, refused, refused]);
    const model_id = 'our-deployment';
    expect(await turn({ reasoner: { model_id } })).toMatchObject({ stop: 'calls' });
    expect(bodyOf(requests[1])).toMatchObject({ max_completion_tokens: 4096 });
    expect(bodyOf(requests[1])).not.toHaveProperty('max_tokens');
    expect(await caught(turn({ reasoner: { model_id } }))).toMatchObject({ code: 'ReasonerRejected' });
    expect(requests).toHaveLength(4);
  });

  test.each([
    [{ content: null, reasoning: 'dep_delay moved most.' }, 'dep_delay moved most.'],
    [{ content: ' ', reasoning_content: 'dep_delay moved most.' }, 'dep_delay moved most.'],
    [{ content: 'I look.', reasoning: 'The user wants me to look.' }, 'I look.'],
    [
      {
        content: [
          { type: 'thinking', thinking: [] },
          { type: 'text', text: 'I look.' },
        ],
      },
      'I look.',
    ],
  ])('explains a call with what was said, else with what was thought (%#)', async (message, text) => {
    const call = { name: 'inspect_statistical_drift', arguments: '{}' };
    const tool_calls = [{ id: 'a', type: 'function', function: call }];
    const choices = [{ finish_reason: 'tool_calls', message: { role: 'assistant', ...message, tool_calls } }];
    const body = JSON.stringify({ model: 'openai/gpt-oss-120b', choices });
    const { turn } = await asking('openai', said({ body, content_type: 'application/json' }));
    expect((await turn()).blocks).toMatchObject([
      { type: 'text', text },
      { type: 'call', call: { id: 'turn_1_1' } },
    ]);
  });

  test('says where arguments stop being JSON', async () => {
    const cut = '{"column": "dep_de';
    const { turn } = await asking('openai', said({ say: [{ call: inspect.call, text_input: cut }] }));
    const { blocks } = await turn();
    expect(blocks).toMatchObject([
      {
        call: {
          name: inspect.call,
          input: {},
          problem: expect.stringMatching(/no JSON: .* at position \d+ of 18/),
        },
      },
    ]);
  });

  test('takes empty arguments for an empty input', async () => {
    const script = said({ say: [{ call: 'inspect_statistical_drift', text_input: '' }] });
    const { turn } = await asking('openai', script);
    const { blocks } = await turn();
    expect(blocks).toEqual([
      { type: 'call', call: { id: 'turn_1_1', name: 'inspect_statistical_drift', input: {} } },
    ]);
  });

  test('takes a call that the endpoint could not read for the language model’s mistake', async () => {
    const error = {
      message: 'Failed to call a function. See failed_generation.',
      type: 'invalid_request_error',
      code: 'tool_use_failed',
      failed_generation: '<function=trigger_retrain{"reason": 1}</function>',
    };
    const { turn } = await asking('openai', said({ status: 400, error }));
    expect(await turn()).toMatchObject({
      stop: 'calls',
      blocks: [
        { call: { name: 'trigger_retrain', problem: expect.stringContaining('Failed to call a function') } },
      ],
    });
  });

  test('reaches a server that needs no key without one', async () => {
    provider = await startChatCompletions({ key: null, script: [{ say: [inspect] }] });
    const { baseUrl, requests } = provider;
    const adapter = openaiReasoner(parseEnvironment({ OPENAI_BASE_URL: baseUrl }));
    const input = exampleInput({ reasoner: { name: 'openai', model_id: 'llama3.3', base_url: baseUrl } });
    await expect(adapter.turn(input, new AbortController().signal)).resolves.toMatchObject({ stop: 'calls' });
    expect(requests).toEqual([expect.objectContaining({ authorized: true })]);
  });

  test.each([
    ['gpt-6-sol', 'none'],
    ['gpt-5.4-mini', undefined],
    ['llama-3.3-70b-versatile', undefined],
  ])('tells %s about reasoning ahead as far as it has to', async (model_id, effort) => {
    const {
      provider: { requests },
      turn,
    } = await asking('openai', said({ say: [inspect] }));
    await turn({ reasoner: { model_id } });
    expect(requests[0]).toMatchObject({ refused: null });
    expect(requests.map(({ body }) => (body as { reasoning_effort?: unknown }).reasoning_effort)).toEqual([
      effort,
    ]);
  });
});
