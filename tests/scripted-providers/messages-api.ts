import { z } from 'zod';
import type { SpokenAnswer } from './script.ts';
import { fencedData, type SeenResult } from './script.ts';
import {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
  type WireFormat,
} from './scripted-server.ts';
import { PromptCache, tokensOf } from './tokens.ts';

/**
 * Anthropic's Messages API: POST /v1/messages with anthropic-version and a key, as bearer token or
 * x-api-key.
 */
export const startMessagesApi = (options: ScriptedProviderOptions): Promise<ScriptedProvider> =>
  startScriptedProvider(messagesApi(), options, '');

const cacheControl = z
  .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .optional();
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().regex(/\S/, 'text content blocks must contain non-whitespace text'),
  cache_control: cacheControl,
});
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  is_error: z.boolean().optional(),
  content: z.union([z.string(), z.array(text)]).optional(),
  cache_control: cacheControl,
});
const request = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('between_tools') }),
      z.strictObject({ type: z.literal('adaptive'), display: z.enum(['summarized', 'omitted']).optional() }),
    ])
    .optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
        description: z.string().optional(),
        input_schema: z.looseObject({ type: z.literal('object') }),
        cache_control: cacheControl,
      }),
    )
    .optional(),
  messages: z
    .array(
      z.discriminatedUnion('role', [
        z.strictObject({ role: z.literal('user'), content: z.array(z.union([text, toolResult])).min(1) }),
        z.strictObject({ role: z.literal('assistant'), content: z.array(z.union([text, toolUse])).min(1) }),
      ]),
    )
    .min(1),
});
type MessagesRequest = z.infer<typeof request>;

/** What we send is the same in both. */
const versions = new Set(['2023-06-01', '2026-10-21']);

function messagesApi(): WireFormat {
  const cache = new PromptCache();
  return {
    path: '/v1/messages',
    requestIdHeader: 'request-id',
    authorized: (headers, key) =>
      key === null || headers['x-api-key'] === key || headers.authorization === `Bearer ${key}`,
    refusalOf: (headers, body) => {
      if (!versions.has(String(headers['anthropic-version']))) return 'anthropic-version: header is required';
      return messagesRefusal(body);
    },
    seen: (body) => seen(request.parse(body)),
    spoken: (answer, body, number) => spoken(answer, request.parse(body), number, cache),
    error: (_, error) => ({ type: 'error', error, request_id: 'req_scripted' }),
  };
}

/** Why the API would answer a request's body with 400; null where it would not. */
export function messagesRefusal(body: unknown): string | null {
  const parsed = request.safeParse(body);
  return parsed.success ? conversationFault(parsed.data) : z.prettifyError(parsed.error);
}

/** What the API says of a conversation that does not fit together. */
function conversationFault({ messages, tools, model, thinking, system }: MessagesRequest): string | null {
  const ids = new Set<string>();
  let open: readonly string[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== (index % 2 === 0 ? 'user' : 'assistant')) return `messages.${index}: roles must alternate`;
    if (role === 'user') {
      const answered = content.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
      const firstText = content.findIndex((block) => block.type === 'text');
      const lastResult = content.findLastIndex((block) => block.type === 'tool_result');
      if (firstText !== -1 && firstText < lastResult)
        return `messages.${index}: tool_result blocks must come first`;
      if (new Set(answered).size !== answered.length)
        return `messages.${index}: each tool_use must have a single result`;
      const unexpected = answered.find((id) => !open.includes(id));
      if (unexpected !== undefined)
        return `messages.${index}: unexpected tool_use_id found in tool_result: ${unexpected}`;
      const missing = open.find((id) => !answered.includes(id));
      if (missing !== undefined)
        return `messages.${index}: tool_use ids were found without tool_result: ${missing}`;
      open = [];
    } else {
      open = content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
      const again = open.find((id, at) => ids.has(id) || open.indexOf(id) !== at);
      if (again !== undefined) return `messages.${index}: tool_use ids must be unique: ${again}`;
      for (const id of open) ids.add(id);
    }
  }
  if (messages.at(-1)?.role !== 'user') return 'messages: the conversation must end with a user message';
  const names = (tools ?? []).map(({ name }) => name);
  if (new Set(names).size !== names.length) return 'tools: names must be unique';
  const marks = JSON.stringify([system, tools, messages]).match(/"cache_control"/g)?.length ?? 0;
  if (marks > 4) return `a maximum of 4 blocks with cache_control may be provided, found ${marks}`;
  if (thinking?.type === 'between_tools' && !model.startsWith('claude-sonnet-5-5')) {
    return 'thinking: between_tools is not supported on this model';
  }
  return null;
}

function seen({ messages }: MessagesRequest) {
  const names = new Map<string, string>();
  const results: SeenResult[] = [];
  for (const block of messages.flatMap(({ content }) => content as readonly (typeof content)[number][])) {
    if (block.type === 'tool_use') names.set(block.id, block.name);
    if (block.type !== 'tool_result') continue;
    const content = typeof block.content === 'string' ? block.content : '';
    const { tool_use_id: id, is_error = false } = block;
    results.push({ id, name: names.get(id) ?? '', is_error, data: fencedData(content) });
  }
  const said = messages.at(-1)?.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])) ?? [];
  return { results, last: said.join('\n') };
}

function spoken(answer: SpokenAnswer, asked: MessagesRequest, number: number, cache: PromptCache): object {
  const content = answer.say.map((block, index) => {
    if ('text' in block) return { type: 'text', text: block.text, citations: null };
    if ('text_input' in block) throw new Error('The Messages API gives inputs as objects: script `input`.');
    return { type: 'tool_use', id: `toolu_${number}_${index}`, name: block.call, input: block.input };
  });
  const calls = content.some((block) => block.type === 'tool_use');
  const stops = { length: 'max_tokens', refusal: 'refusal' } as const;
  const { read, written, rest } = cache.use(piecesOf(asked));
  const counted = {
    input_tokens: rest,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    output_tokens: tokensOf(content),
    service_tier: 'standard',
  };
  return {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model: answer.model ?? asked.model,
    content,
    stop_reason: answer.stop === undefined ? (calls ? 'tool_use' : 'end_turn') : stops[answer.stop],
    stop_sequence: null,
    ...(answer.usage !== null && { usage: answer.usage ?? counted }),
  };
}

/** The request in the order the cache sees it: tools, system, messages. */
function piecesOf({ tools, system, messages }: MessagesRequest) {
  const blocks = [
    ...(tools ?? []),
    ...(Array.isArray(system) ? system : []),
    ...messages.flatMap(({ content }) => content as readonly (typeof content)[number][]),
  ];
  return blocks.map(({ cache_control, ...content }) => ({ content, marked: cache_control !== undefined }));
}
