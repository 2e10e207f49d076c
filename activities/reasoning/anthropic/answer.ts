import {
  type JsonObject,
  type StopReason,
  type TokenUsage,
  type TurnBlock,
  tokenUsage,
} from '@watchtower/contracts';
import { z } from 'zod';
import { callableName, callIds, markedWhereCut, type ReadAnswer, settledStop } from '../calls.ts';

/**
 * Of an answer of the Messages API, what a turn is made of. Whoever answers may answer anything: all of it
 * is checked.
 */
const message = z.object({
  model: z.string(),
  content: z.array(
    z.union([
      z.object({ type: z.literal('text'), text: z.string() }),
      z.object({ type: z.literal('thinking'), thinking: z.string() }),
      // A call stays one whatever it lacks: results are given back by their place among the calls.
      z.object({ type: z.literal('tool_use'), name: z.string().catch(''), input: z.json().catch({}) }),
      // Redacted thinking, tools of the server's: nothing that we asked for or could show.
      z.object({ type: z.string() }).transform(() => null),
    ]),
  ),
  stop_reason: z.string().nullable(),
  usage: z.unknown().optional(),
});

const count = z.int().min(0);
const usage = z
  .object({
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count.nullish(),
    cache_creation_input_tokens: count.nullish(),
  })
  .transform(
    (told): TokenUsage => ({
      input: told.input_tokens,
      output: told.output_tokens,
      cache_read: told.cache_read_input_tokens ?? 0,
      cache_write: told.cache_creation_input_tokens ?? 0,
    }),
  )
  .pipe(tokenUsage);

const stops: Readonly<Record<string, StopReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
};

/** @throws ZodError on what is no answer of the Messages API */
export function readMessage(answer: JsonObject, turn: number): ReadAnswer {
  const { model, content, stop_reason, usage: told } = message.parse(answer);
  const nextId = callIds(turn);
  const blocks = content.flatMap((block): TurnBlock[] => {
    if (block === null) return [];
    if (block.type === 'tool_use') {
      const { name, input } = block;
      return [{ type: 'call', call: { id: nextId(), name: callableName(name), input } }];
    }
    const text = block.type === 'text' ? block.text : block.thinking;
    return text.trim() === '' ? [] : [{ type: 'text', text }];
  });
  const stop = settledStop(stops[stop_reason ?? ''] ?? 'end', blocks);
  const counted = usage.safeParse(told);
  return { model, blocks: markedWhereCut(stop, blocks), stop, tokens: counted.success ? counted.data : null };
}
