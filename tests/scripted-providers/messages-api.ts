import { createHash } from 'node:crypto';
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
  citations: z.null().optional(),
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
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });
const request = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('between_tools') }),
      z.strictObject({ type: z.literal('disabled') }),
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
        z.strictObject({
          role: z.literal('assistant'),
          content: z.array(z.union([text, toolUse, thinking, redacted])).min(1),
        }),
      ]),
    )
    .min(1),
});
type MessagesRequest = z.infer<typeof request>;

const versions = new Set(['2026-10-21']);

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
  if (!parsed.success) return z.prettifyError(parsed.error);
  return conversationFault(parsed.data) ?? thinkingFault(parsed.data);
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
  if (thinking?.type === 'disabled' && /^claude-[a-z]+-5-5/.test(model) && !model.includes('haiku')) {
    return '"thinking.type.disabled" is not supported for this model';
  }
  return null;
}

type Content = MessagesRequest['messages'][number]['content'][number];

/** What a thinking block is bound to: all that stands before it, but for the marks of the cache. */
function signatureOf(asked: MessagesRequest, before: readonly Content[], thought: string): string {
  const { system, tools, messages } = asked;
  const prefix = JSON.stringify([system, tools, messages, before, thought], (name, value: unknown) =>
    name === 'cache_control' ? undefined : value,
  );
  return createHash('sha256').update(prefix).digest('base64');
}

/** Thinking that comes back is to be what was given, with nothing before it changed. */
function thinkingFault(asked: MessagesRequest): string | null {
  for (const [index, { role, content }] of asked.messages.entries()) {
    if (role === 'user') continue;
    const until = { ...asked, messages: asked.messages.slice(0, index) };
    for (const [at, block] of content.entries()) {
      const before = content.slice(0, at);
      const bound =
        block.type === 'thinking'
          ? block.signature === signatureOf(until, before, block.thinking)
          : block.type !== 'redacted_thinking' || block.data === signatureOf(until, before, '');
      if (!bound) {
        return `messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation.`;
      }
    }
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
  const content: Content[] = [];
  for (const [index, block] of answer.say.entries()) {
    if ('text' in block) content.push({ type: 'text', text: block.text, citations: null });
    else if ('thinking' in block) {
      const signature = signatureOf(asked, content, block.thinking ?? '');
      content.push(
        block.thinking === null
          ? { type: 'redacted_thinking', data: signature }
          : { type: 'thinking', thinking: block.thinking, signature },
      );
    } else if ('text_input' in block) {
      throw new Error('The Messages API gives inputs as objects: script `input`.');
    } else {
      const input = z.record(z.string(), z.unknown()).parse(block.input);
      content.push({ type: 'tool_use', id: `toolu_${number}_${index}`, name: block.call, input });
    }
  }
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
  return blocks.map((block) => {
    if (!('cache_control' in block)) return { content: block, marked: false };
    const { cache_control, ...content } = block;
    return { content, marked: cache_control !== undefined };
  });
}
