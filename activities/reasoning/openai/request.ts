import type { ReasonerInput } from '@watchtower/contracts';
import type OpenAI from 'openai';
import { groqAddress, openaiAddress, sameAddress } from '../endpoints.ts';
import { type AssistantMessage, conversationOf, type UserMessage } from '../prompt/conversation.ts';
import { systemPrompt } from '../prompt/system.ts';
import { toolList } from '../prompt/tool-list.ts';

export type CompletionRequest = OpenAI.ChatCompletionCreateParamsNonStreaming;
type Message = OpenAI.ChatCompletionMessageParam;

/**
 * A turn as a request of Chat Completions; how long the answer may be is the budget's to say. Caching needs no
 * marks.
 */
export function completionRequest(input: ReasonerInput, model: string): CompletionRequest {
  const { messages, tail } = conversationOf(input);
  return {
    model,
    ...effortOf(model),
    tools: toolList.map(({ name, description, schema }) => ({
      type: 'function',
      function: { name, description, parameters: schema },
    })),
    messages: [
      { role: 'system', content: systemPrompt },
      ...messages.flatMap((message, index): Message[] => {
        if (message.role === 'assistant') return [assistantMessage(message)];
        return userMessages(message, index === messages.length - 1 ? [tail] : []);
      }),
    ],
  };
}

/** What bounds an answer: the field in force, and the older one. */
export type LimitField = 'max_completion_tokens' | 'max_tokens';

/**
 * OpenAI's models that reason refuse `max_tokens`, and Groq calls it deprecated. Elsewhere it is the one that is known:
 * Ollama accepts the newer one and does not heed it (github.com/ollama/ollama/issues/7125), others refuse it.
 */
export function limitField(model: string, address: string): LimitField {
  const newer = [openaiAddress, groqAddress].some((each) => sameAddress(each, address));
  return newer || /^(openai\/)?(gpt-(?!oss)|o\d)/.test(model) ? 'max_completion_tokens' : 'max_tokens';
}

/**
 * From GPT-5.6 on, OpenAI answers Chat Completions with tools only where it is told not to reason ahead;
 * its newest models cannot be told so and want its Responses API. Other endpoints may not know the field.
 */
const effortOf = (model: string): Pick<CompletionRequest, 'reasoning_effort'> =>
  /^gpt-(5\.[6-9]|6-(sol|luna))(-|$)/.test(model) ? { reasoning_effort: 'none' } : {};

function assistantMessage({ parts }: AssistantMessage): Message {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const calls = parts.flatMap((part) =>
    part.type === 'call'
      ? [
          {
            id: part.id,
            type: 'function' as const,
            function: { name: part.name, arguments: JSON.stringify(part.input) },
          },
        ]
      : [],
  );
  return {
    role: 'assistant',
    content: texts.length === 0 ? null : texts.join('\n\n'),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** One message a result, and one for all that is said: some endpoints want the roles to alternate. */
function userMessages({ results, texts }: UserMessage, more: readonly string[]): Message[] {
  const said = [...texts, ...more];
  return [
    ...results.map(({ id, is_error, content }): Message => {
      const marked = is_error ? `This call failed.\n${content}` : content;
      return { role: 'tool', tool_call_id: id, content: marked };
    }),
    ...(said.length > 0 ? [{ role: 'user' as const, content: said.join('\n\n') }] : []),
  ];
}
