import { setTimeout as sleep } from 'node:timers/promises';
import { WatchtowerError } from '@watchtower/contracts';
import type { z } from 'zod';
import { neverArrived, reasonOf, redirected, timedOut } from './fetch-errors.ts';
import type { GatewayAddress } from './gateway-address.ts';
import { gatewayRedirects, gatewayUnavailable, readAnswer, refusalOf } from './gateway-failures.ts';

export interface ConnectionOptions {
  /**
   * How long a gateway that is away or failing is asked again, in ms, where it may only be restarting. Without it, a
   * connection that broke is tried three times and everything else once.
   */
  readonly patienceMs?: number;
  /** Told once for each stretch in which the gateway stays away, and once at its end. */
  readonly report?: (event: ConnectionEvent) => void;
  /** Ends requests, with its reason as the error. */
  readonly signal?: AbortSignal;
}

export type ConnectionEvent = { readonly kind: 'away'; readonly why: string } | { readonly kind: 'back' };

export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  /** Without one, a POST is repeated only where it certainly did not arrive. */
  readonly idempotencyKey?: string;
}

const requestLimitMs = 30_000;
const pauseMs = { first: 200, longest: 2_000 } as const;
/** For connections that break, without patience. */
const attempts = 3;

interface Sent extends RequestInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A request that brought no answer, and whether it can have arrived. */
interface Miss {
  readonly failure: WatchtowerError;
  readonly kind: 'never arrived' | 'broke off' | 'failed';
}

/** HTTP with the gateway: keys, time limits, repetitions, and failures of the catalogue. */
export class GatewayConnection {
  readonly address: GatewayAddress;
  readonly #options: ConnectionOptions;

  constructor(address: GatewayAddress, options: ConnectionOptions = {}) {
    this.address = address;
    this.#options = options;
  }

  /** @throws WatchtowerError with the gateway's own code where it refuses, else `GatewayUnavailable` */
  async ask<T extends z.ZodType>(request: GatewayRequest, schema: T): Promise<z.output<T>> {
    const { report, patienceMs = 0 } = this.#options;
    const started = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#attempt(request);
      if ('text' in answer) {
        if (attempt > 1) report?.({ kind: 'back' });
        return readAnswer(this.address, request.path, schema, answer.text);
      }
      const patient = performance.now() - started < patienceMs;
      if (!mayRepeat(request, answer, attempt, patient)) throw answer.failure;
      if (attempt === 1) report?.({ kind: 'away', why: answer.failure.message });
      await this.#pause(attempt);
    }
  }

  /** An open stream, whose body the caller reads. @throws as `ask` */
  async openStream(path: string, lastEventId: number, signal: AbortSignal): Promise<Response> {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(lastEventId) };
    let response: Response;
    try {
      response = await this.#fetch(path, { headers, signal });
    } catch (error) {
      if (error instanceof WatchtowerError) throw error;
      throw gatewayUnavailable(this.address, reasonOf(error), error);
    }
    if (response.ok) return response;
    throw refusalOf(this.address, path, { status: response.status, text: await response.text() });
  }

  async #attempt({ method, path, body, idempotencyKey }: GatewayRequest): Promise<{ text: string } | Miss> {
    const headers = {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
    };
    try {
      const response = await this.#fetch(path, {
        method,
        headers,
        signal: AbortSignal.timeout(requestLimitMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.ok) return { text };
      const failure = refusalOf(this.address, path, { status: response.status, text });
      if (failure.retryable) return { failure, kind: 'failed' };
      throw failure;
    } catch (error) {
      if (error instanceof WatchtowerError) throw error;
      this.#options.signal?.throwIfAborted();
      const kind = neverArrived(error) ? 'never arrived' : timedOut(error) ? 'failed' : 'broke off';
      return { failure: gatewayUnavailable(this.address, reasonOf(error), error), kind };
    }
  }

  async #fetch(path: string, init: Sent): Promise<Response> {
    const { url, key } = this.address;
    const { signal } = this.#options;
    try {
      return await fetch(`${url}/api/v1${path}`, {
        ...init,
        // The key goes to this address alone; a redirection could take it anywhere.
        redirect: 'error',
        headers: { ...init.headers, ...(key === undefined ? {} : { 'X-API-Key': key }) },
        signal: signal === undefined ? init.signal : AbortSignal.any([init.signal, signal]),
      });
    } catch (error) {
      throw redirected(error) ? gatewayRedirects(this.address, path, error) : error;
    }
  }

  async #pause(attempt: number): Promise<void> {
    const { signal } = this.#options;
    const wait = Math.min(pauseMs.first * 2 ** (attempt - 1), pauseMs.longest);
    await sleep(wait, undefined, signal === undefined ? {} : { signal });
  }
}

function mayRepeat(request: GatewayRequest, { kind }: Miss, attempt: number, patient: boolean): boolean {
  if (kind === 'never arrived') return patient;
  if (request.method === 'POST' && request.idempotencyKey === undefined) return false;
  return patient || (kind === 'broke off' && attempt < attempts);
}
