import type { JsonObject, TurnBlock } from '@watchtower/contracts';
import { z } from 'zod';
import { callableName, callIds, type ReadAnswer } from '../calls.ts';
import { isStatusError } from '../provider-failure.ts';

/**
 * How Groq says that the language model wrote a call that cannot be read or does not fit its schema: as a
 * failure of the request (status 400), with what was written. Our request was right, so it is the model
 * that is told, once.
 */
const toolUseFailed = z.object({
  code: z.literal('tool_use_failed'),
  message: z.string().default(''),
  failed_generation: z.string().default(''),
});
const failedAnswer = z.object({ error: toolUseFailed });

/** For the request's failure: such a one becomes the answer it is, every other one goes on. */
export function orFailedGeneration(error: unknown): Response {
  if (isStatusError(error) && error.status === 400) {
    const read = z
      .union([failedAnswer, toolUseFailed.transform((inner) => ({ error: inner }))])
      .safeParse(error.error);
    if (read.success) return Response.json(read.data, { headers: error.headers });
  }
  throw error;
}

/** A turn with one call that could not be read; null for every other answer. */
export function readFailedGeneration(answer: JsonObject, turn: number, model: string): ReadAnswer | null {
  const read = failedAnswer.safeParse(answer);
  if (!read.success) return null;
  const { message, failed_generation } = read.data.error;
  const id = callIds(turn)();
  const problem = `The endpoint could not read this call: ${message}`.slice(0, 1000);
  const call = { id, name: toolMeant(failed_generation), input: {}, problem };
  const blocks: TurnBlock[] = [{ type: 'call', call }];
  return { model, blocks, stop: 'calls', tokens: null };
}

/** The tool that was meant, as far as it can be told from what was written. */
const toolMeant = (written: string): string =>
  callableName(
    /<function=([\w-]+)|"name"\s*:\s*"([\w-]+)"/.exec(written)?.slice(1).find(Boolean) ?? 'unreadable_call',
  );
