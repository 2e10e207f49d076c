import type { StopReason, TokenUsage, ToolCall, TurnBlock } from '@watchtower/contracts';
import { z } from 'zod';

/** What an adapter reads of an answer, whichever interface it came through. */
export interface ReadAnswer {
  readonly model: string;
  readonly blocks: readonly TurnBlock[];
  readonly stop: StopReason;
  /** Null where the endpoint counts nothing. */
  readonly tokens: TokenUsage | null;
}

/**
 * Names that both interfaces take back in a conversation; another is made one, and then is no tool's name.
 */
export const callableName = (name: string): string =>
  name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unnamed';

/** Ids are ours: a language model that repeats an id cannot confuse two calls. */
export function callIds(turn: number): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `turn_${turn}_${count}`;
  };
}

/** A call whose input came as JSON text. An empty text is an empty input: many models write it so. */
export function callFromText(id: string, name: string, text: string): ToolCall {
  if (text.trim() === '') return { id, name: callableName(name), input: {} };
  try {
    return { id, name: callableName(name), input: z.json().parse(JSON.parse(text)) };
  } catch (error) {
    const problem = `The arguments are no JSON: ${positioned(error, text)}. Send them again as one JSON object.`;
    return { id, name: callableName(name), input: {}, problem };
  }
}

function positioned(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message)?.[1];
  // V8 names no position where the text simply ends.
  const at = position ?? (/end of JSON/.test(message) ? String(text.length) : '0');
  const what = message.replace(/ in JSON at position.*$| \(line.*$|, ".*$/s, '').slice(0, 200);
  return `${what} at position ${at} of ${text.length} characters`;
}

/**
 * What the answer amounts to, whatever the provider calls it: calls are calls, and without one it asked for
 * none.
 */
export function settledStop(stop: StopReason, blocks: readonly TurnBlock[]): StopReason {
  if (stop === 'length' || stop === 'refusal') return stop;
  return blocks.some((block) => block.type === 'call') ? 'calls' : 'end';
}

/** Where the answer was cut off, its last call may be a part of what was meant. */
export function markedWhereCut(stop: StopReason, blocks: readonly TurnBlock[]): readonly TurnBlock[] {
  const last = blocks.at(-1);
  if (stop !== 'length' || last?.type !== 'call' || last.call.problem !== undefined) return blocks;
  const problem =
    'The answer was cut off by its token limit while this call was written. Say it in fewer words.';
  return [...blocks.slice(0, -1), { type: 'call', call: { ...last.call, problem } }];
}
