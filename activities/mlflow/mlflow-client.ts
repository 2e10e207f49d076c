import { Readable } from 'node:stream';
import { type Environment, WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import { limitTime, type TimeLimit } from '../time-limit.ts';

/** How long one request may take, body included: what lets a lease outlive a late write (contracts, section 5). */
export const requestLimitMs = 10_000;
/** A model's file may be large, and MLflow may have to fetch it first: this long it may be silent. */
const fileSilenceMs = 300_000;

export type MlflowSettings = Pick<
  Environment,
  'MLFLOW_TRACKING_URI' | 'MLFLOW_TRACKING_USERNAME' | 'MLFLOW_TRACKING_PASSWORD' | 'MLFLOW_TRACKING_TOKEN'
>;

type Query = Readonly<Record<string, string>>;

/** MLflow's REST interface. Paths are relative to the tracking URI, whose own path is kept. */
export interface MlflowClient {
  /** @throws WatchtowerError `MlflowUnavailable` (may pass) or `MlflowRejected` (will not; `details` has the code) */
  get<T>(path: string, query: Query, shape: z.ZodType<T>): Promise<T>;
  send<T>(method: 'POST' | 'PATCH', path: string, body: unknown, shape: z.ZodType<T>): Promise<T>;
  /** Writes a file, over one that is there. @throws as `get` */
  upload(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** The bytes of a file. @throws as `get`, while it is being read as well */
  download(path: string, query: Query): AsyncIterable<Uint8Array>;
}

const refusal = z.object({ error_code: z.string(), message: z.string().default('') });

/**
 * @param options `limitMs` for one request, body included; `signal` of an activity that may be cancelled: what is under
 * way is stopped at once, and rejects with its reason
 */
export function createMlflowClient(
  settings: MlflowSettings,
  options: { readonly limitMs?: number; readonly signal?: AbortSignal } = {},
): MlflowClient {
  const { limitMs = requestLimitMs, signal: cancelled } = options;
  const trackingUri = settings.MLFLOW_TRACKING_URI.replace(/\/+$/, '');
  const authorization = authorizationOf(settings);

  const ask = async (
    path: string,
    query: Query,
    init: Omit<RequestInit, 'headers'>,
    contentType = 'application/json',
  ): Promise<Response> => {
    const search = new URLSearchParams(query).toString();
    const url = `${trackingUri}/${path}${search ? `?${search}` : ''}`;
    const headers = { ...authorization, 'content-type': contentType };
    const response = await reach(path, () => fetch(url, { ...init, headers }));
    if (response.ok) return response;
    throw refusalOf(path, response.status, await reach(path, () => response.text()));
  };

  const exchange = async <T>(
    path: string,
    query: Query,
    init: RequestInit,
    shape: z.ZodType<T>,
  ): Promise<T> => {
    const limit = limitTime(limitMs, cancelled);
    try {
      const response = await ask(path, query, { ...init, signal: limit.signal });
      const text = await reach(path, () => response.text());
      const answer = shape.safeParse(jsonOf(text));
      if (answer.success) return answer.data;
      throw new WatchtowerError(
        'MlflowRejected',
        `${trackingUri} answered ${path} with something else than MLflow would (${text.slice(0, 80).trim()}). Check MLFLOW_TRACKING_URI.`,
      );
    } finally {
      limit.end();
    }
  };

  return {
    get: (path, query, shape) => exchange(path, query, {}, shape),
    send: (method, path, body, shape) => exchange(path, {}, { method, body: JSON.stringify(body) }, shape),
    upload: async (path, content) => {
      const limit = limitTime(fileSilenceMs, cancelled);
      const watched = async function* () {
        for await (const chunk of content) {
          limit.restart();
          yield chunk;
        }
      };
      try {
        const body = Readable.toWeb(Readable.from(watched()));
        const init = { method: 'PUT', body, duplex: 'half', signal: limit.signal } as const;
        const response = await ask(path, {}, init, 'application/octet-stream');
        await reach(path, () => response.arrayBuffer());
      } finally {
        limit.end();
      }
    },
    download: async function* (path, query) {
      const limit = limitTime(fileSilenceMs, cancelled);
      try {
        const { body } = await ask(path, query, { signal: limit.signal });
        if (body) yield* chunksOf(path, body, limit);
      } finally {
        limit.end();
      }
    },
  };

  /** Whoever stops reading, or is stopped by the limit, closes the connection. */
  async function* chunksOf(
    path: string,
    body: ReadableStream<Uint8Array>,
    { signal, restart }: TimeLimit,
  ): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    // Closing fails where the connection broke before.
    const close = () => reader.cancel().catch(() => undefined);
    const stop = () => void close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        const { done, value } = await reach(path, async () => {
          const chunk = await reader.read();
          // Closed by us, it looks like the end of the file.
          signal.throwIfAborted();
          return chunk;
        });
        if (done) return;
        restart();
        yield value;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await close();
    }
  }

  async function reach<T>(path: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      cancelled?.throwIfAborted();
      throw new WatchtowerError(
        'MlflowUnavailable',
        `MLflow at ${trackingUri} did not answer ${path} (${reasonOf(cause)}). It is tried again; check that the server runs.`,
        { cause },
      );
    }
  }
}

/** Whether an error is MLflow's refusal with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is WatchtowerError {
  return (
    error instanceof WatchtowerError &&
    error.code === 'MlflowRejected' &&
    codes.some((code) => code === error.details?.error_code)
  );
}

function refusalOf(path: string, status: number, body: string): WatchtowerError {
  const told = refusal.safeParse(jsonOf(body));
  const why = told.success ? `${told.data.error_code}: ${told.data.message}` : body.slice(0, 200).trim();
  const passing = status >= 500 || status === 429 || status === 408;
  return new WatchtowerError(
    passing ? 'MlflowUnavailable' : 'MlflowRejected',
    `MLflow answered ${path} with ${status} (${why}).${passing ? ' It is tried again.' : ''}`,
    { details: { status, error_code: told.success ? told.data.error_code : null, reason: why } },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = cause.cause instanceof Error && 'code' in cause.cause ? cause.cause.code : undefined;
  return cause.name === 'TimeoutError'
    ? 'no answer in time'
    : typeof code === 'string'
      ? code
      : cause.message;
}

function authorizationOf(settings: MlflowSettings): { readonly authorization?: string } {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = settings;
  if (user !== undefined || password !== undefined) {
    return { authorization: `Basic ${Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64')}` };
  }
  const token = settings.MLFLOW_TRACKING_TOKEN;
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
