import type Anthropic from '@anthropic-ai/sdk';
import { canonicalJson, type ReasonerInput } from '@watchtower/contracts';
import { z } from 'zod';
import { callIds } from '../calls.ts';
import type { Exchange } from '../exchange.ts';
import { conversationOf, type UserMessage } from '../prompt/conversation.ts';
import { fenced } from '../prompt/fence.ts';
import { cached, type MessagesRequest, resultBlock } from './request.ts';

type Request = Omit<MessagesRequest, 'max_tokens'>;
type Block = Anthropic.ContentBlockParam;

/** What the API gave or took goes back to it as it was; of it we read no more than the type. */
const block = z.custom<Block>((value) => z.looseObject({ type: z.string() }).safeParse(value).success);
const said = z.object({
  request: z.looseObject({
    messages: z
      .array(z.object({ role: z.enum(['user', 'assistant']), content: z.array(block).min(1) }))
      .min(1),
  }),
  answer: z.looseObject({ content: z.array(block).min(1) }),
});

/**
 * The turn as a continuation of the exchange before, to the byte: a model that thought while it called tools is to be
 * given its thinking back with the results, unchanged and with nothing before it changed, or it is taken from it or the
 * request refused. (platform.claude.com, "Thinking in tool and multi-turn workflows" and "Prefix checks on thinking
 * blocks", 2026-11.)
 *
 * @param plain the same turn built from the steps
 * @returns null where nothing was thought, or the exchange cannot be gone on from
 */
export function continuedRequest(plain: Request, exchange: Exchange, input: ReasonerInput): Request | null {
  const read = said.safeParse(exchange);
  if (!read.success || !samePrefix(plain, exchange)) return null;
  const { messages } = read.data.request;
  const answer = read.data.answer.content;
  const blocks = [...messages.flatMap(({ content }) => content), ...answer];
  if (!blocks.some(({ type }) => type === 'thinking' || type === 'redacted_thinking')) return null;
  const ids = blocks.flatMap((each) => (each.type === 'tool_use' ? [each.id] : []));
  if (new Set(ids).size !== ids.length) return null;
  const last = messages.length - 1;
  const earlier = messages.map((message, index) =>
    // At most four marks: the system's, the evidence's, that of the turn before, and that of this one.
    index === 0 || index === last ? message : { ...message, content: message.content.map(unmarked) },
  );
  const next: Anthropic.MessageParam = { role: 'user', content: answerTo(answer, input) };
  return { ...plain, messages: [...earlier, { role: 'assistant', content: answer }, next] };
}

/** An upgrade of ours, or another setting, begins the conversation anew. */
const samePrefix = (plain: Request, { request }: Exchange): boolean =>
  (['model', 'system', 'tools', 'thinking'] as const).every((part) => {
    const now: unknown = JSON.parse(JSON.stringify(plain[part] ?? null));
    return canonicalJson(now) === canonicalJson(request[part] ?? null);
  });

/** The results of the calls under the provider's ids, what was wrong with the turn, and what may be done now. */
function answerTo(answer: readonly Block[], input: ReasonerInput): Block[] {
  const { messages, tail } = conversationOf(input);
  const now = messages.at(-1);
  const { results, texts }: Pick<UserMessage, 'results' | 'texts'> =
    now?.role === 'user' ? now : { results: [], texts: [] };
  const ours = callIds(input.turn - 1);
  const answers = answer.flatMap((each): Block[] => {
    if (each.type !== 'tool_use') return [];
    const id = ours();
    const result = results.find((one) => one.id === id) ?? {
      is_error: true,
      content: fenced('call', { message: 'This call was not carried out.' }),
    };
    return [resultBlock({ ...result, id: each.id })];
  });
  const words = [...texts, tail].map((text) => ({ type: 'text' as const, text }));
  return [...answers, ...words.slice(0, -1), ...words.slice(-1).map((text) => ({ ...text, ...cached }))];
}

function unmarked(each: Block): Block {
  if (!('cache_control' in each)) return each;
  const { cache_control: _, ...rest } = each;
  return rest;
}
