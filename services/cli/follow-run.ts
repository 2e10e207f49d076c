import { type Run, run, type Step, step } from '@watchtower/contracts';
import { ZodError } from 'zod';
import { readEvents, type StreamedEvent } from './event-stream.ts';
import { type GatewayClient, GatewayRefusal } from './gateway-client.ts';

export type FollowedEvent =
  | { readonly event: 'step'; readonly step: Step }
  | { readonly event: 'disconnected'; readonly attempt: number }
  | { readonly event: 'run_complete' | 'run_failed'; readonly run: Run };

/** The gateway sends at least a comment each 15 s: a stream silent for longer is dead. */
const silenceLimit = 45_000;
const retryAfter = { first: 500, longest: 5_000 } as const;

/**
 * A run's steps as they come, each once and in order, and its end last. A broken stream is taken up again behind the
 * last step, for as long as it takes: the run goes on without us.
 *
 * @throws GatewayRefusal where the gateway refuses, such as for a run it does not know
 */
export async function* followRun(
  client: GatewayClient,
  runId: string,
  options: { readonly after?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<FollowedEvent> {
  let last = options.after ?? 0;
  let failures = 0;
  while (!options.signal?.aborted) {
    try {
      for await (const streamed of streamOnce(client, runId, last, options.signal)) {
        failures = 0;
        const event = followedEvent(streamed);
        if (event?.event === 'step') {
          if (event.step.number <= last) continue;
          last = event.step.number;
        }
        if (event !== undefined) yield event;
        if (event?.event === 'run_complete' || event?.event === 'run_failed') return;
      }
    } catch (error) {
      if (options.signal?.aborted) return;
      if (error instanceof GatewayRefusal && error.problem.status < 500) throw error;
      // An event that cannot be read will not be readable the second time.
      if (error instanceof ZodError) throw error;
    }
    failures += 1;
    if (failures > 1) yield { event: 'disconnected', attempt: failures - 1 };
    const wait = Math.min(retryAfter.first * 2 ** (failures - 1), retryAfter.longest);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function* streamOnce(
  client: GatewayClient,
  runId: string,
  last: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamedEvent> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), silenceLimit);
  const either = AbortSignal.any([silent.signal, ...(signal ? [signal] : [])]);
  try {
    const response = await client.stream(`/pipeline/status/${runId}/stream`, last, either);
    if (response.status === 204) {
      // Every step was received, and the stream broke before the end was told.
      const ended = await client.get(`/pipeline/status/${runId}`, run);
      const event = ended.status === 'completed' ? 'run_complete' : 'run_failed';
      yield { event, id: undefined, data: JSON.stringify(ended) };
      return;
    }
    if (response.body === null) return;
    for await (const event of readEvents(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), silenceLimit);
      if (event !== 'comment') yield event;
    }
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}

function followedEvent({ event, data }: StreamedEvent): FollowedEvent | undefined {
  switch (event) {
    case 'step':
      return { event, step: step.parse(JSON.parse(data)) };
    case 'run_complete':
    case 'run_failed':
      return { event, run: run.parse(JSON.parse(data)) };
    default:
      return undefined;
  }
}
