import { z } from 'zod';
import { fencedData, type SeenResult, type SpokenAnswer } from './script.ts';
import {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
  type WireFormat,
} from './scripted-server.ts';
import { PromptCache, tokensOf } from './tokens.ts';

/** Chat Completions as OpenAI and Groq have it: POST /v1/chat/completions with a bearer token. */
export const startChatCompletions = (options: ScriptedProviderOptions): Promise<ScriptedProvider> =>
  startScriptedProvider(chatCompletions(), options, '/v1');

const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string().min(1) }),
  z.strictObject({ role: z.literal('user'), content: z.string().min(1) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string().min(1).nullable(),
    tool_calls: z
      .array(
        z.strictObject({
          id: z.string().min(1).max(40),
          type: z.literal('function'),
          function: z.strictObject({ name: functionName, arguments: z.string() }),
        }),
      )
      .min(1)
      .optional(),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string(), content: z.string() }),
]);
const request = z.strictObject({
  model: z.string().min(1),
  max_completion_tokens: z.int().min(1).optional(),
  max_tokens: z.int().min(1).optional(),
  reasoning_effort: z.enum(['none', 'low', 'medium', 'high']).optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: functionName,
          description: z.string().optional(),
          parameters: z.looseObject({ type: z.literal('object') }),
        }),
      }),
    )
    .optional(),
  messages: z.array(message).min(1),
});
type CompletionRequest = z.infer<typeof request>;

function chatCompletions(): WireFormat {
  const cache = new PromptCache();
  return {
    path: '/v1/chat/completions',
    requestIdHeader: 'x-request-id',
    authorized: (headers, key) =>
      key === null ? headers.authorization === undefined : headers.authorization === `Bearer ${key}`,
    refusalOf: (_, body) => completionRefusal(body),
    seen: (body) => seen(request.parse(body)),
    spoken: (answer, body, number) => spoken(answer, request.parse(body), number, cache),
    error: (_, error) => ({ error: { message: '', type: null, param: null, code: null, ...error } }),
  };
}

/** Why the API would answer a request's body with 400; null where it would not. */
export function completionRefusal(body: unknown): string | null {
  const parsed = request.safeParse(body);
  if (!parsed.success) return z.prettifyError(parsed.error);
  return limitFault(parsed.data) ?? completionFault(parsed.data);
}

/** What OpenAI's API says of how long an answer may be; a server of one's own would heed the older field alone. */
function limitFault({ model, max_completion_tokens, max_tokens }: CompletionRequest): string | null {
  const reasons = /^(gpt-[5-9]|o\d)/.test(model);
  if (reasons && max_tokens !== undefined) {
    return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  }
  const heeded = [max_completion_tokens, max_tokens].filter((limit) => limit !== undefined);
  return heeded.length === 1 ? null : 'Set max_completion_tokens or max_tokens.';
}

/** What the API says of a conversation that does not fit together. */
function completionFault({ messages, tools, model, reasoning_effort }: CompletionRequest): string | null {
  const ids = new Set<string>();
  let open: string[] = [];
  for (const [index, each] of messages.entries()) {
    if (each.role === 'tool') {
      if (!open.includes(each.tool_call_id)) {
        return `messages.[${index}]: messages with role 'tool' must be a response to a preceding message with 'tool_calls'`;
      }
      open = open.filter((id) => id !== each.tool_call_id);
      continue;
    }
    if (open.length > 0) {
      return `messages.[${index}]: tool_call_ids did not have response messages: ${open.join(', ')}`;
    }
    const before = messages[index - 1]?.role;
    if (each.role === 'system' && index > 0) return `messages.[${index}]: the system message comes first`;
    if (each.role === 'user' && before === 'user') return `messages.[${index}]: roles must alternate`;
    if (each.role !== 'assistant') continue;
    if (before === 'assistant' || before === 'system') return `messages.[${index}]: roles must alternate`;
    if (each.content === null && each.tool_calls === undefined)
      return `messages.[${index}]: content is required`;
    open = (each.tool_calls ?? []).map(({ id }) => id);
    for (const id of open) {
      if (ids.has(id)) return `messages.[${index}]: duplicate tool_call id ${id}`;
      ids.add(id);
    }
  }
  const last = messages.at(-1)?.role;
  if (open.length > 0 || last === 'assistant')
    return 'messages: the conversation must not end with the assistant';
  if (tools !== undefined && /^gpt-(5\.[6-9]|6)/.test(model) && reasoning_effort !== 'none') {
    return `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions.`;
  }
  return null;
}

function seen({ messages }: CompletionRequest) {
  const names = new Map<string, string>();
  const results: SeenResult[] = [];
  for (const each of messages) {
    if (each.role === 'assistant')
      for (const call of each.tool_calls ?? []) names.set(call.id, call.function.name);
    if (each.role !== 'tool') continue;
    const { tool_call_id: id, content } = each;
    const is_error = content.startsWith('This call failed.');
    results.push({ id, name: names.get(id) ?? '', is_error, data: fencedData(content) });
  }
  const said = messages.at(-1);
  return { results, last: said?.role === 'user' ? said.content : '' };
}

function spoken(answer: SpokenAnswer, asked: CompletionRequest, number: number, cache: PromptCache): object {
  const texts = answer.say.flatMap((block) => ('text' in block ? [block.text] : []));
  const calls = answer.say.flatMap((block, index) => {
    if (!('call' in block)) return [];
    const text = 'text_input' in block ? block.text_input : JSON.stringify(block.input);
    const call = { name: block.call, arguments: text };
    return [{ id: `call_${number}_${index}`, type: 'function', function: call }];
  });
  const content = texts.length === 0 ? null : texts.join('\n\n');
  const refused = answer.stop === 'refusal';
  // The cache is automatic: every message ends a prefix that may be read again.
  const { read, written, rest } = cache.use([
    { content: asked.tools, marked: true },
    ...asked.messages.map((each) => ({ content: each, marked: true })),
  ]);
  const prompt_tokens = read + written + rest;
  const completion_tokens = tokensOf([content, calls]);
  const counted = {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens: read },
  };
  const finish = answer.stop === 'length' ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop';
  return {
    id: `chatcmpl-${number}`,
    object: 'chat.completion',
    created: 1_795_000_000,
    model: answer.model ?? asked.model,
    choices: [
      {
        index: 0,
        finish_reason: finish,
        logprobs: null,
        message: {
          role: 'assistant',
          content: refused ? null : content,
          refusal: refused ? (content ?? 'I cannot help with that.') : null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
      },
    ],
    ...(answer.usage !== null && { usage: answer.usage ?? counted }),
  };
}
