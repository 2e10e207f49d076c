import { type JsonObject, jsonObject, type ReasonerInput } from '@watchtower/contracts';
import type { Access } from './keys.ts';
import { limitedFetch } from './limited-fetch.ts';
import { notUnderstood, providerFailure } from './provider-failure.ts';
import { withoutKey } from './redact.ts';

export interface Asked<Read> {
  /** The answer's JSON as it came, without our key should the endpoint repeat it. */
  readonly answer: JsonObject;
  readonly read: Read;
  readonly headers: Headers;
}

/**
 * Sends one request and reads its answer with our own eyes: whoever is behind the address may answer
 * anything.
 *
 * @param send gives the request to an SDK that retries nothing, with the `fetch` it is to use
 * @param read makes of the JSON what the adapter needs, and throws where it is not of the interface's form
 * @throws WatchtowerError `ReasonerUnavailable`, `ReasonerRejected`; the reason of `signal` where that
 * ended it
 */
export async function ask<Read>(
  access: Access,
  { reasoner: { timeout_seconds } }: ReasonerInput,
  signal: AbortSignal,
  send: (boundFetch: typeof fetch) => Promise<Response>,
  read: (answer: JsonObject) => Read,
): Promise<Asked<Read>> {
  const timeout = AbortSignal.timeout(timeout_seconds * 1000);
  let text: string;
  let headers: Headers;
  try {
    signal.throwIfAborted();
    const response = await send(limitedFetch(AbortSignal.any([signal, timeout])));
    headers = response.headers;
    text = withoutKey(await response.text(), access.key);
  } catch (error) {
    const timedOut = timeout.aborted;
    throw providerFailure(error, { access, timeoutSeconds: timeout_seconds, timedOut, signal });
  }
  try {
    const answer = jsonObject.parse(JSON.parse(text));
    return { answer, read: read(answer), headers };
  } catch {
    // Not JSON, of another form, or nested so deep that it cannot be walked.
    throw notUnderstood(access, text.slice(0, 80).replace(/\s+/g, ' ').trim() || 'an empty body');
  }
}
