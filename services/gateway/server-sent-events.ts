import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** An event as `text/event-stream` frames it: `data` is JSON, so it holds no line break. */
export interface ServerSentEvent {
  readonly event: string;
  readonly id?: number;
  readonly data: unknown;
}

const heartbeatMilliseconds = 15_000;
const retryMilliseconds = 2_000;

export function frame({ event, id, data }: ServerSentEvent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    `event: ${event}`,
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

/**
 * Writes events until there are no more, the client leaves or the process is to end. A slow client slows the reading
 * down (one event is kept, not a queue); a silent stretch is filled with comments, so that proxies leave it open.
 */
export async function writeEvents(
  response: ServerResponse,
  closing: AbortSignal,
  events: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) gone.abort();
  const signal = AbortSignal.any([gone.signal, closing]);

  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  response.write(`retry: ${retryMilliseconds}\n\n`);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, heartbeatMilliseconds);
  try {
    for await (const event of events(signal)) {
      if (signal.aborted) break;
      if (!response.write(frame(event))) await drained(response, signal);
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
