import { randomUUID } from 'node:crypto';
import { problem, run } from '@watchtower/contracts';
import type { z } from 'zod';
import { StackError } from '../stack-error.ts';
import { Patience } from './patience.ts';
import { readEvents, type ServerSentEvent } from './server-sent-events.ts';

const requestLimitMs = 30_000;
/** The gateway sends at least a comment each 15 s: a stream silent for longer is dead. */
const silenceLimitMs = 45_000;

export interface GatewayClientOptions {
  readonly endpoints: { readonly gateway: string; readonly api_key: string };
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  /** How long a gateway that is down (it may be restarting) is asked again. */
  readonly patienceMs?: number;
}

interface Content {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The gateway's API as a client uses it: nothing the demo does goes past it. */
export class GatewayClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal | undefined;
  readonly #newPatience: () => Patience;

  constructor({ endpoints, say, signal, patienceMs = 60_000 }: GatewayClientOptions) {
    this.#url = endpoints.gateway;
    this.#headers = { 'X-API-Key': endpoints.api_key };
    this.#signal = signal;
    const subject = `The gateway at ${endpoints.gateway}`;
    this.#newPatience = () => new Patience({ subject, limitMs: patienceMs, say });
  }

  /** @throws StackError where the gateway refuses, or stays away for longer than the patience lasts */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return schema.parse(await this.#ask('GET', path, {}));
  }

  /** With an Idempotency-Key, so that a repetition after a lost answer has no second effect. @throws as `get` */
  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
    return schema.parse(await this.#ask('POST', path, { headers, body: JSON.stringify(body) }));
  }

  async #ask(method: 'GET' | 'POST', path: string, content: Content): Promise<unknown> {
    const patience = this.#newPatience();
    for (;;) {
      const outcome = await this.#attempt(path, { method, ...content }, AbortSignal.timeout(requestLimitMs));
      if (outcome.answer !== undefined) {
        const parsed: unknown = await outcome.answer.json().catch(() => undefined);
        if (parsed !== undefined) {
          patience.succeeded();
          return parsed;
        }
      }
      await patience.failed(outcome.why, this.#signal);
    }
  }

  /**
   * Events of a run from its first step to its end. A stream that breaks is taken up again behind the last step.
   *
   * @throws as `get`
   */
  async *follow(runId: string): AsyncGenerator<ServerSentEvent> {
    const path = `/pipeline/status/${runId}/stream`;
    const patience = this.#newPatience();
    let lastId = '';
    for (;;) {
      const silence = new AbortController();
      let timer = setTimeout(() => silence.abort(), silenceLimitMs);
      const resume: Content = lastId === '' ? {} : { headers: { 'Last-Event-ID': lastId } };
      let why = 'the stream broke off';
      try {
        const outcome = await this.#attempt(path, resume, silence.signal);
        why = outcome.why;
        if (outcome.answer?.status === 204) {
          // Every step was received, and the stream broke before the end was told.
          const ended = await this.get(`/pipeline/status/${runId}`, run);
          const event = ended.status === 'completed' ? 'run_complete' : 'run_failed';
          yield { event, id: '', data: JSON.stringify(ended) };
          return;
        }
        for await (const event of readEvents(outcome.answer?.body ?? null)) {
          patience.succeeded();
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), silenceLimitMs);
          if (event === 'comment') continue;
          if (event.id !== '') lastId = event.id;
          yield event;
          if (event.event === 'run_complete' || event.event === 'run_failed') return;
        }
      } catch (error) {
        if (error instanceof StackError) throw error;
        // The gateway was restarted in the middle of a stream.
        why = reasonOf(error);
      } finally {
        clearTimeout(timer);
        silence.abort();
      }
      await patience.failed(why, this.#signal);
    }
  }

  /** One request: an answer, or why there is none that could not come later. @throws StackError for a refusal */
  async #attempt(
    path: string,
    content: Content,
    limit: AbortSignal,
  ): Promise<{ readonly answer?: Response; readonly why: string }> {
    const signal = this.#signal === undefined ? limit : AbortSignal.any([limit, this.#signal]);
    let answer: Response;
    try {
      const headers = { ...this.#headers, ...content.headers };
      answer = await fetch(`${this.#url}/api/v1${path}`, { ...content, headers, signal });
    } catch (error) {
      return { why: reasonOf(error) };
    }
    if (answer.ok) return { answer, why: 'the answer broke off' };
    const told = problem.safeParse(await answer.json().catch(() => undefined));
    const detail = told.success ? told.data.detail : 'without an explanation';
    if (answer.status >= 500) return { why: `${answer.status}: ${detail}` };
    throw new StackError(`The gateway refused ${path} with ${answer.status}: ${detail}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
