import {
  type JsonObject,
  type StopReason,
  type TokenUsage,
  type TurnBlock,
  tokenUsage,
} from '@watchtower/contracts';
import { z } from 'zod';
import { callFromText, callIds, markedWhereCut, type ReadAnswer, settledStop } from '../calls.ts';

/** Of an answer of Chat Completions, what a turn is made of. Endpoints differ, and may answer anything. */
const toolCalls = z.array(
  z.object({
    function: z.object({
      name: z.string(),
      // Text of JSON by the interface; some servers give the object itself.
      arguments: z.union([z.string(), z.json().transform((value) => JSON.stringify(value))]).default(''),
    }),
  }),
);
const thought = z.string().nullish().catch(null);
const completion = z.object({
  model: z.string().default('unnamed'),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z
            .union([
              z.string(),
              // Parts that are no text (pictures, thinking) say nothing here.
              z
                .array(z.object({ text: z.string().catch('') }))
                .transform((parts) => parts.flatMap(({ text }) => text || []).join('\n')),
            ])
            .nullish(),
          // What a model thought ahead, as Groq and Ollama, and as vLLM and others call it.
          reasoning: thought,
          reasoning_content: thought,
          refusal: z.string().nullish(),
          tool_calls: toolCalls.nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

const count = z.int().min(0);
const usage = z
  .object({
    prompt_tokens: count,
    completion_tokens: count,
    prompt_tokens_details: z
      .object({ cached_tokens: count.nullish(), cache_write_tokens: count.nullish() })
      .nullish(),
  })
  .transform((told): TokenUsage => {
    // `prompt_tokens` counts all three.
    const cache_read = Math.min(told.prompt_tokens_details?.cached_tokens ?? 0, told.prompt_tokens);
    const written = told.prompt_tokens_details?.cache_write_tokens ?? 0;
    const cache_write = Math.min(written, told.prompt_tokens - cache_read);
    const input = told.prompt_tokens - cache_read - cache_write;
    return { input, output: told.completion_tokens, cache_read, cache_write };
  })
  .pipe(tokenUsage);

const stops: Readonly<Record<string, StopReason>> = { length: 'length', content_filter: 'refusal' };

/** @throws ZodError on what is no answer of Chat Completions */
export function readCompletion(answer: JsonObject, turn: number): ReadAnswer {
  const { model, choices, usage: told } = completion.parse(answer);
  const [choice] = choices;
  if (choice === undefined) throw new RangeError('an answer without a choice');
  const { content, refusal, tool_calls, reasoning, reasoning_content } = choice.message;
  const nextId = callIds(turn);
  const said = textsOf(content, refusal);
  // Many models that reason leave the content of a call empty: then their thoughts are all that explains it.
  const texts = said.length > 0 ? said : textsOf(reasoning ?? reasoning_content);
  const calls = (tool_calls ?? []).map((call): TurnBlock => {
    const { name, arguments: text } = call.function;
    return { type: 'call', call: callFromText(nextId(), name, text) };
  });
  const blocks = [...texts, ...calls];
  const refused = refusal !== null && refusal !== undefined && refusal !== '';
  const stop = refused ? 'refusal' : settledStop(stops[choice.finish_reason ?? ''] ?? 'end', blocks);
  const counted = usage.safeParse(told);
  return { model, blocks: markedWhereCut(stop, blocks), stop, tokens: counted.success ? counted.data : null };
}

const textsOf = (...texts: readonly (string | null | undefined)[]): TurnBlock[] =>
  texts.flatMap((text) => (text?.trim() ? [{ type: 'text', text }] : []));
