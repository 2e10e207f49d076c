import { setTimeout as sleep } from 'node:timers/promises';
import { type Run, run, type Step, step, WatchtowerError } from '@watchtower/contracts';
import { readEvents, type StreamedEvent } from './event-stream.ts';
import { reasonOf } from './fetch-errors.ts';
import type { GatewayConnection } from './gateway-connection.ts';
import { gatewayUnavailable, readAnswer } from './gateway-failures.ts';

export type FollowedEvent =
  | { readonly event: 'step'; readonly step: Step }
  /** Told once for each stretch in which the gateway stays away. */
  | { readonly event: 'away'; readonly why: string }
  | { readonly event: 'back' }
  | { readonly event: 'run_complete' | 'run_failed'; readonly run: Run };

export interface FollowOptions {
  /** Number of the step behind which to begin; 0 for the first. */
  readonly after?: number;
  /** Ends the following without an error. */
  readonly signal?: AbortSignal;
  /** How long the gateway may stay away, in ms; without end where it is left out: the run goes on by itself. */
  readonly patienceMs?: number;
}

/** The gateway sends at least a comment each 15 s: a stream silent for longer is dead. */
const silenceLimitMs = 45_000;
const pauseMs = { first: 500, longest: 5_000 } as const;

/**
 * A run's steps as they come, each once and in order, and its end last. A broken stream is taken up again behind the
 * last step.
 *
 * @throws WatchtowerError where the gateway refuses, such as for a run it does not know; `GatewayUnavailable` when the
 *   patience is over; `GatewayNotUnderstood` for an event of another form
 */
export async function* followRun(
  connection: GatewayConnection,
  runId: string,
  { after = 0, signal, patienceMs = Number.POSITIVE_INFINITY }: FollowOptions = {},
): AsyncGenerator<FollowedEvent> {
  let last = after;
  let failures = 0;
  let answeredAt = performance.now();
  while (!signal?.aborted) {
    let failure = gatewayUnavailable(connection.address, 'the stream broke off');
    try {
      for await (const event of streamOnce(connection, runId, last, signal)) {
        if (failures > 1) yield { event: 'back' };
        failures = 0;
        answeredAt = performance.now();
        if (event === 'comment') continue;
        if (event.event === 'step') {
          if (event.step.number <= last) continue;
          last = event.step.number;
        }
        yield event;
        if (event.event === 'run_complete' || event.event === 'run_failed') return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof WatchtowerError && error.retryable)) throw error;
      failure = error;
    }
    if (performance.now() - answeredAt >= patienceMs) throw failure;
    failures += 1;
    // The first failure may be a mere cut, such as a proxy's.
    if (failures === 2) yield { event: 'away', why: failure.message };
    const pause = Math.min(pauseMs.first * 2 ** (failures - 1), pauseMs.longest);
    await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** @throws WatchtowerError alone, however the stream breaks */
async function* streamOnce(
  connection: GatewayConnection,
  runId: string,
  last: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<FollowedEvent | 'comment'> {
  const { address } = connection;
  const path = `/pipeline/status/${encodeURIComponent(runId)}`;
  const silence = new AbortController();
  const silent = (): void =>
    silence.abort(gatewayUnavailable(address, `nothing came for ${silenceLimitMs / 1000} s`));
  let timer = setTimeout(silent, silenceLimitMs);
  try {
    const either = signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]);
    const response = await connection.openStream(`${path}/stream`, last, either);
    if (response.status === 204) {
      // Every step was received, and the stream broke before the end was told.
      yield endOf(await connection.ask({ method: 'GET', path }, run));
    } else if (response.body !== null) {
      for await (const streamed of readEvents(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(silent, silenceLimitMs);
        const event = streamed === 'comment' ? streamed : followedEvent(connection, path, streamed);
        if (event !== undefined) yield event;
      }
    }
  } catch (error) {
    throw error instanceof WatchtowerError ? error : gatewayUnavailable(address, reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Undefined for events that a later version may send. */
function followedEvent(
  { address }: GatewayConnection,
  path: string,
  { event, data }: StreamedEvent,
): FollowedEvent | undefined {
  switch (event) {
    case 'step':
      return { event, step: readAnswer(address, path, step, data) };
    case 'run_complete':
    case 'run_failed':
      return endOf(readAnswer(address, path, run, data));
    default:
      return undefined;
  }
}

const endOf = (ended: Run): FollowedEvent => ({
  event: ended.status === 'completed' ? 'run_complete' : 'run_failed',
  run: ended,
});
