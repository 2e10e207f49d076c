import type { JsonObject, ReasonerInput, TurnBlock } from '@watchtower/contracts';
import { z } from 'zod';
import type { ReadAnswer } from './calls.ts';
import type { Access } from './keys.ts';
import { limitedFetch } from './limited-fetch.ts';
import { notUnderstood, providerFailure } from './provider-failure.ts';
import { withoutKey, withoutKeyWithin } from './redact.ts';

const json = { accept: 'application/json', 'content-type': 'application/json' } as const;

export interface Asked {
  /** The answer's JSON as it came, without our key should the endpoint repeat it. */
  readonly answer: JsonObject;
  /** What the adapter made of it, without our key as well: parts of an answer are JSON once more. */
  readonly read: ReadAnswer;
  readonly headers: Headers;
}

/**
 * Sends one request and reads its answer with our own eyes: whoever is behind the address may answer
 * anything.
 *
 * @param send gives the request to an SDK that retries nothing, with the `fetch` it is to use
 * @param read makes of the JSON what the adapter needs, and throws where it is not of the interface's form
 * @param sent headers beside those of JSON, the key's among them; no other is sent
 * @throws WatchtowerError `ReasonerUnavailable`, `ReasonerRejected`; the reason of `signal` where that
 * ended it
 */
export async function ask(
  access: Access,
  { reasoner: { timeout_seconds } }: ReasonerInput,
  signal: AbortSignal,
  send: (boundFetch: typeof fetch) => Promise<Response>,
  read: (answer: JsonObject) => ReadAnswer,
  sent: Readonly<Record<string, string>>,
): Promise<Asked> {
  const timeout = AbortSignal.timeout(timeout_seconds * 1000);
  let text: string;
  let headers: Headers;
  try {
    signal.throwIfAborted();
    const response = await send(limitedFetch(AbortSignal.any([signal, timeout]), { ...json, ...sent }));
    headers = response.headers;
    text = await response.text();
  } catch (error) {
    const timedOut = timeout.aborted;
    throw providerFailure(error, { access, timeoutSeconds: timeout_seconds, timedOut, signal });
  }
  try {
    // Not before: the key may be escaped in the body.
    const answer = withoutKeyWithin(anyObject.parse(JSON.parse(text)), access.key);
    return { answer, read: readWithoutKey(read(answer), access.key), headers };
  } catch {
    // Not JSON, of another form, or nested so deep that it cannot be walked.
    const beginning = withoutKey(text, access.key).slice(0, 80);
    throw notUnderstood(access, beginning.replace(/\s+/g, ' ').trim() || 'an empty body');
  }
}

const anyObject = z.record(z.string(), z.json());

const readWithoutKey = ({ model, blocks, stop, tokens }: ReadAnswer, key: string | null): ReadAnswer => ({
  model: withoutKey(model, key),
  blocks: blocks.map((block): TurnBlock => {
    if (block.type === 'text') return { ...block, text: withoutKey(block.text, key) };
    const { name, input, problem } = block.call;
    const call = { ...block.call, name: withoutKey(name, key), input: withoutKeyWithin(input, key) };
    if (problem === undefined) return { type: 'call', call };
    return { type: 'call', call: { ...call, problem: withoutKey(problem, key) } };
  }),
  stop,
  tokens,
});
