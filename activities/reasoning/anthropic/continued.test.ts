import { afterEach, describe, expect, test } from '@jest/globals';
import { parseEnvironment, type TranscriptEntry } from '@watchtower/contracts';
import { z } from 'zod';
import {
  exampleInput,
  type ScriptedAnswer,
  type ScriptedProvider,
  startMessagesApi,
} from '../../../tests/scripted-providers/index.ts';
import type { Exchange } from '../exchange.ts';
import type { SpokenTurn } from '../reasoner.ts';
import { anthropicReasoner } from './index.ts';

const key = 'sk-unit-91e4b07c-only-here';
let provider: ScriptedProvider | undefined;
afterEach(async () => {
  await provider?.close();
  provider = undefined;
});

const look = { call: 'inspect_feature_drift', input: { column: 'dep_delay' } };
const thought = { thinking: 'dep_delay moved most, so I look there first.' };
const hidden = { thinking: null };

/** What the steps hold of a turn. */
function stepsOf({ blocks }: SpokenTurn, turn: number): TranscriptEntry[] {
  return blocks.flatMap((block): TranscriptEntry[] => {
    const mark = { step: turn * 10, turn, reasoner: 'anthropic' } as const;
    if (block.type === 'text') return [{ type: 'reasoning', ...mark, text: block.text }];
    const { id, name } = block.call;
    return [
      { type: 'tool_call', ...mark, call: block.call },
      {
        type: 'tool_result',
        step: turn * 10 + 1,
        call_id: id,
        name,
        is_error: false,
        result: { answers: id },
      },
    ];
  });
}

/** Asks turn by turn; `stored` says whether the exchange of the turn before is at hand. */
async function conversing(
  script: readonly ScriptedAnswer[],
  {
    turns = script.length,
    stored = (exchange: Exchange | null) => exchange,
    model_id = 'claude-opus-5-5',
    variables = {},
  }: {
    readonly turns?: number;
    readonly stored?: (exchange: Exchange | null) => Exchange | null;
    readonly model_id?: string;
    readonly variables?: Readonly<Record<string, string>>;
  } = {},
) {
  provider = await startMessagesApi({ key, script });
  const { baseUrl, requests } = provider;
  let last: Exchange | null = null;
  const environment = parseEnvironment({ ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_API_KEY: key, ...variables });
  const adapter = anthropicReasoner(environment, async () => stored(last));
  const transcript: TranscriptEntry[] = [];
  const spoken: SpokenTurn[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    const input = exampleInput({ turn, reasoner: { base_url: baseUrl, model_id } }, [...transcript]);
    const answer = await adapter.turn(input, new AbortController().signal);
    last = answer.exchange;
    spoken.push(answer);
    transcript.push(...stepsOf(answer, turn));
  }
  return { requests, spoken };
}

const sent = z.object({
  thinking: z.unknown().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.array(z.looseObject({ type: z.string() })) })),
});
const typesOf = (body: unknown): string[][] =>
  sent.parse(body).messages.map(({ content }) => content.map(({ type }) => type));

describe('a model that thinks while it calls tools', () => {
  test('is given its thinking back with the results, unchanged, turn after turn', async () => {
    const { requests } = await conversing([
      { say: [thought, look] },
      { say: [hidden, thought, look, look] },
      { say: [look] },
      { say: [thought, look] },
    ]);
    // The endpoint refuses thinking before which anything changed.
    expect(requests.map(({ refused }) => refused)).toEqual([null, null, null, null]);
    expect(typesOf(requests[3]?.body)).toEqual([
      ['text', 'text'],
      ['thinking', 'tool_use'],
      ['tool_result', 'text'],
      ['redacted_thinking', 'thinking', 'tool_use', 'tool_use'],
      ['tool_result', 'tool_result', 'text'],
      ['tool_use'],
      ['tool_result', 'text'],
    ]);
    // The first call of the file loads the SDK.
  }, 30_000);

  test('has each result under the call it made', async () => {
    const { requests } = await conversing([{ say: [thought, look, look] }, { say: [look] }]);
    const [, assistant, user] = sent.parse(requests[1]?.body).messages;
    const calls = assistant?.content.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : []));
    const results = user?.content.filter(({ type }) => type === 'tool_result');
    expect(results?.map(({ tool_use_id }) => tool_use_id)).toEqual(calls);
    expect(results?.map(({ content }) => String(content))).toEqual([
      expect.stringContaining('turn_1_1'),
      expect.stringContaining('turn_1_2'),
    ]);
  });

  test('reads what it was told before from the cache', async () => {
    const { spoken } = await conversing([
      { say: [thought, look] },
      { say: [thought, look] },
      { say: [thought, look] },
    ]);
    const [, second, third] = spoken.map(({ tokens }) => tokens);
    expect(third?.cache_read).toBeGreaterThan(second?.cache_read ?? 0);
    expect(third?.input).toBeLessThan(100);
  });

  test.each([
    ['is not stored', () => null],
    ['is of another form', () => ({ request: {}, answer: {} })],
    [
      'was asked under other instructions',
      (exchange: Exchange | null) =>
        exchange && { ...exchange, request: { ...exchange.request, system: 'old' } },
    ],
  ])('goes on without it where the exchange before %s', async (_, stored) => {
    const { requests } = await conversing([{ say: [thought, look] }, { say: [look] }], { stored });
    expect(requests.map(({ refused }) => refused)).toEqual([null, null]);
    expect(typesOf(requests[1]?.body).flat()).not.toContain('thinking');
  });

  test('goes on without it where the provider does not take it back', async () => {
    const forged = (exchange: Exchange | null): Exchange | null => {
      if (exchange === null) return null;
      const content = JSON.stringify(exchange.answer).replace(/"signature":"[^"]*"/, '"signature":"b2xk"');
      return { ...exchange, answer: z.record(z.string(), z.json()).parse(JSON.parse(content)) };
    };
    const { requests, spoken } = await conversing([{ say: [thought, look] }, { say: [look] }], {
      stored: forged,
    });
    expect(requests.map(({ refused }) => refused)).toEqual([
      null,
      expect.stringContaining('Invalid `signature`'),
      null,
    ]);
    expect(spoken[1]?.stop).toBe('calls');
  });

  test.each([
    ['claude-opus-5', { type: 'disabled' }],
    ['claude-haiku-5-5', { type: 'disabled' }],
    // These cannot do without.
    ['claude-opus-5-5', { type: 'adaptive', display: 'summarized' }],
    ['claude-sonnet-5-5', { type: 'between_tools' }],
  ])(
    'is not made to think where its thoughts are not kept, if it can do without: %s',
    async (model_id, thinking) => {
      const variables = { WATCHTOWER_STORE_PROMPTS: 'false' };
      const { requests } = await conversing([{ say: [look] }], { model_id, variables });
      expect(sent.parse(requests[0]?.body).thinking).toEqual(thinking);
    },
  );
});

test('a model that does not think is told the conversation of the steps', async () => {
  const { requests } = await conversing([{ say: [look] }, { say: [look] }], { model_id: 'claude-haiku-4-5' });
  const [, assistant] = sent.parse(requests[1]?.body).messages;
  expect(assistant?.content).toMatchObject([{ type: 'tool_use', id: 'turn_1_1' }]);
});
