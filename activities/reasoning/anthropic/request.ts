import type Anthropic from '@anthropic-ai/sdk';
import type { ReasonerInput } from '@watchtower/contracts';
import { type AssistantMessage, conversationOf, type UserMessage } from '../prompt/conversation.ts';
import { systemPrompt } from '../prompt/system.ts';
import { toolList } from '../prompt/tool-list.ts';

export type MessagesRequest = Anthropic.MessageCreateParamsNonStreaming;
type Block = Anthropic.TextBlockParam | Anthropic.ToolResultBlockParam;

/**
 * Up to and with a block so marked, the provider caches the request: what comes before is the same next
 * turn.
 */
export const cached = { cache_control: { type: 'ephemeral' } } as const;

/**
 * A turn as a request to the Messages API, built from the run's steps; `max_tokens` is the budget's to say.
 *
 * @param thoughtsKept what the model thinks is stored, so that it can be given back
 */
export function messagesRequest(
  input: ReasonerInput,
  model: string,
  thoughtsKept: boolean,
): Omit<MessagesRequest, 'max_tokens'> {
  const { messages, tail } = conversationOf(input);
  const last = messages.length - 1;
  return {
    model,
    ...thinkingOf(model, thoughtsKept),
    tools: toolList.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
    system: [{ type: 'text', text: systemPrompt, ...cached }],
    messages: messages.map((message, index): Anthropic.MessageParam => {
      if (message.role === 'assistant') return { role: 'assistant', content: assistantBlocks(message) };
      const blocks = userBlocks(message);
      // The evidence is said in every turn, what was said last in the next one: both are worth keeping.
      const stable = index === 0 || index === last ? withMark(blocks) : blocks;
      const content = index === last ? [...stable, { type: 'text' as const, text: tail }] : stable;
      return { role: 'user', content };
    }),
  };
}

/**
 * What Claude 5 models write between tool calls comes back as thinking, which they leave out of the answer
 * unless asked for it; it is the explanation that people are to read. Sonnet 5.5 can do without thinking
 * ahead, earlier models do so unless told otherwise. Where thoughts are not kept, they cannot be given back:
 * models that can do without then think not at all. (platform.claude.com, "What's new in Claude Sonnet 5.5",
 * "… Opus 5.5" and "Thinking", 2026-11.)
 */
function thinkingOf(model: string, thoughtsKept: boolean): Pick<MessagesRequest, 'thinking'> {
  if (model.startsWith('claude-sonnet-5-5')) return { thinking: { type: 'between_tools' } };
  if (!/^claude-[a-z]+-5(-|$)/.test(model)) return {};
  const canBeOff = /^claude-(opus|sonnet)-5(-\d{8})?$|^claude-haiku-5-5/.test(model);
  if (!thoughtsKept && canBeOff) return { thinking: { type: 'disabled' } };
  return { thinking: { type: 'adaptive', display: 'summarized' } };
}

const assistantBlocks = ({ parts }: AssistantMessage): Anthropic.ContentBlockParam[] =>
  parts.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'tool_use', id: part.id, name: part.name, input: part.input },
  );

export const resultBlock = ({
  id,
  is_error,
  content,
}: UserMessage['results'][number]): Anthropic.ToolResultBlockParam => ({
  type: 'tool_result',
  tool_use_id: id,
  is_error,
  content,
});

/** The answers to calls come first: the API asks for it. */
const userBlocks = ({ results, texts }: UserMessage): Block[] => [
  ...results.map(resultBlock),
  ...texts.map((text): Block => ({ type: 'text', text })),
];

const withMark = (blocks: readonly Block[]): Block[] =>
  blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...cached } : block));
