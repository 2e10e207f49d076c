import { CancelledFailure } from '@temporalio/activity';
import { WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import { hostOf } from './endpoints.ts';
import type { Access } from './keys.ts';
import { AnswerTooLarge } from './limited-fetch.ts';
import { redacted } from './redact.ts';
import { retryAfterMs } from './retry-after.ts';

/** Of what a provider says about a failure, this much is passed on, in characters. */
const longestText = 500;

/** A call that failed: to whom, how long it may have taken, and who may have stopped it. */
export interface FailedCall {
  readonly access: Access;
  readonly timeoutSeconds: number;
  readonly timedOut: boolean;
  readonly signal: AbortSignal;
}

/**
 * What became of a call, for Temporal: `ReasonerUnavailable` is tried again (after as long as the provider
 * asks for), `ReasonerRejected` is not; a call that the run's cancellation stopped is that cancellation.
 * Messages name the host alone and hold no key. None promises another attempt: the last one's is what the run says.
 */
export function providerFailure(error: unknown, call: FailedCall): unknown {
  if (error instanceof WatchtowerError) return error;
  const { signal, access, timeoutSeconds } = call;
  if (signal.aborted) {
    const { reason } = signal;
    return reason instanceof Error ? reason : new CancelledFailure('The run was cancelled.');
  }
  const host = hostOf(access.baseUrl);
  if (causesOf(error).some((each) => each instanceof AnswerTooLarge)) {
    return new WatchtowerError(
      'ReasonerRejected',
      `${host} answered with more bytes than a language model's answer can have. Check the base URL.`,
    );
  }
  if (call.timedOut) {
    return unavailable(
      `${host} did not answer within ${timeoutSeconds} s, which AGENT_TIMEOUT_SECONDS allows a call.`,
    );
  }
  if (isStatusError(error)) return statusFailure(error, host, access.key);
  const reason = redacted(connectionReason(error), access.key).slice(0, longestText);
  return unavailable(`The connection to ${host} failed (${reason}). Where it goes on, check the base URL.`);
}

/** An answer that is not what the interface promises, at status 200 (a proxy's page, most likely). */
export function notUnderstood(access: Access, why: string): WatchtowerError {
  const host = hostOf(access.baseUrl);
  const reason = redacted(why, access.key).slice(0, longestText);
  return unavailable(
    `${host} answered with something else than a language model's answer (${reason}). Where it goes on, check the base URL.`,
  );
}

/** What both SDKs throw for an answer with an error status. */
interface StatusError {
  readonly status: number;
  readonly headers: Headers;
  readonly error?: unknown;
  readonly message: string;
}

export const isStatusError = (error: unknown): error is StatusError =>
  error instanceof Error &&
  'status' in error &&
  typeof error.status === 'number' &&
  'headers' in error &&
  error.headers instanceof Headers;

function statusFailure(error: StatusError, host: string, key: string | null): WatchtowerError {
  const { status, headers } = error;
  const told = `${status}, ${redacted(providersText(error), key).replace(/\s+/g, ' ').slice(0, longestText)}`;
  if (isWorthRetrying(status, headers)) {
    const wait = retryAfterMs(headers, Date.now());
    const asks = wait === undefined ? '' : ` It asks to be left alone for ${Math.ceil(wait / 1000)} s.`;
    return unavailable(`${host} cannot answer now (${told}).${asks}`, wait);
  }
  return new WatchtowerError(
    'ReasonerRejected',
    `${host} refused the request (${told}). ${adviceFor(status)}`,
    { details: { status } },
  );
}

function isWorthRetrying(status: number, headers: Headers): boolean {
  const said = headers.get('x-should-retry');
  if (said === 'true') return true;
  if (said === 'false') return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function adviceFor(status: number): string {
  if (status < 400) return 'It sends us elsewhere, where no key is sent. Check the base URL.';
  if (status === 401 || status === 403) return "Check the key in the worker's environment.";
  if (status === 402) return 'Check the account with the provider.';
  if (status === 404) return 'Check LLM_MODEL_ID and the base URL, and those of the definition.';
  return 'Check that the model takes tools and that its endpoint speaks this interface.';
}

/** The providers put their reason under `error`, with a message and a type. */
const reason = z.object({ message: z.string(), type: z.string().nullish(), code: z.unknown().optional() });
const body = z.union([z.object({ error: reason }).transform((whole) => whole.error), reason]);

function providersText({ error, message }: StatusError): string {
  const parsed = body.safeParse(error);
  if (!parsed.success) return message;
  const { type, message: text } = parsed.data;
  return type ? `${type}: ${text}` : text;
}

function connectionReason(error: unknown): string {
  const [first, ...causes] = causesOf(error);
  for (const cause of causes) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return first instanceof Error ? first.message : String(first);
}

/** An error and what caused it, outermost first. */
function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each !== undefined && chain.length < 8; ) {
    chain.push(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  return chain;
}

const unavailable = (message: string, wait?: number) =>
  new WatchtowerError('ReasonerUnavailable', message, { retryAfterMs: wait });
