import { problem } from '@watchtower/contracts';
import type { z } from 'zod';
import { StackError } from '../stack-error.ts';

export interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** The gateway's API as a client uses it: nothing the demo does goes past it. */
export class GatewayClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(endpoints: { readonly gateway: string; readonly api_key: string }) {
    this.#url = endpoints.gateway;
    this.#headers = { 'X-API-Key': endpoints.api_key };
  }

  get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#send('GET', path, schema);
  }

  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#send('POST', path, schema, JSON.stringify(body));
  }

  async #send<T>(method: string, path: string, schema: z.ZodType<T>, body?: string): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    });
    const content: unknown = await answer.json();
    if (answer.ok) return schema.parse(content);
    const told = problem.safeParse(content);
    const detail = told.success ? (told.data.detail ?? told.data.title) : 'without an explanation';
    throw new StackError(`${method} ${path} was answered with ${answer.status}: ${detail}`);
  }

  /** Events of a run from its first step on. Taken up again where it broke off, until the run's end was told. */
  async *follow(runId: string, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
    let lastId = '';
    while (!signal.aborted) {
      try {
        for await (const event of this.#stream(runId, lastId, signal)) {
          if (event.id !== '') lastId = event.id;
          yield event;
          if (event.event !== 'step') return;
        }
      } catch {
        // The gateway was restarted, or this process is being stopped.
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async *#stream(runId: string, lastId: string, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const resume = lastId === '' ? {} : { 'Last-Event-ID': lastId };
    const answer = await fetch(`${this.#url}/api/v1/pipeline/status/${runId}/stream`, {
      headers: { ...this.#headers, ...resume },
      signal,
    });
    if (!answer.ok || answer.body === null) return;
    let text = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const frames = (text + chunk).split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const event = parseFrame(frame);
        if (event !== undefined) yield event;
      }
    }
  }
}

/** One block of `text/event-stream` (HTML standard, 9.2.6); comments and heartbeats are no events. */
export function parseFrame(frame: string): ServerSentEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of frame.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
  }
  const data = fields.get('data');
  if (data === undefined) return undefined;
  return { event: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data };
}
