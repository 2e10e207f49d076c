import { Readable } from 'node:stream';
import { type Environment, WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';

/** How long one request may take, body included: what lets a lease outlive a late write (contracts, section 5). */
export const requestLimitMs = 10_000;
/** A model's file may be large. */
const fileLimitMs = 300_000;

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

export function createMlflowClient(settings: MlflowSettings, limitMs: number = requestLimitMs): MlflowClient {
  const trackingUri = settings.MLFLOW_TRACKING_URI.replace(/\/+$/, '');
  const authorization = authorizationOf(settings);

  const ask = async (
    path: string,
    query: Query,
    init: Omit<RequestInit, 'headers'>,
    limit: number,
    contentType = 'application/json',
  ): Promise<Response> => {
    const search = new URLSearchParams(query).toString();
    const url = `${trackingUri}/${path}${search ? `?${search}` : ''}`;
    const response = await reach(path, () =>
      fetch(url, {
        ...init,
        headers: { 'content-type': contentType, ...authorization },
        signal: AbortSignal.timeout(limit),
      }),
    );
    if (response.ok) return response;
    throw refusalOf(path, response.status, await reach(path, () => response.text()));
  };

  const parsed = async <T>(path: string, response: Response, shape: z.ZodType<T>): Promise<T> => {
    const text = await reach(path, () => response.text());
    const answer = shape.safeParse(jsonOf(text));
    if (answer.success) return answer.data;
    throw new WatchtowerError(
      'MlflowRejected',
      `${trackingUri} answered ${path} with something else than MLflow would (${text.slice(0, 80).trim()}). Check MLFLOW_TRACKING_URI.`,
    );
  };

  return {
    get: async (path, query, shape) => parsed(path, await ask(path, query, {}, limitMs), shape),
    send: async (method, path, body, shape) =>
      parsed(path, await ask(path, {}, { method, body: JSON.stringify(body) }, limitMs), shape),
    upload: async (path, content) => {
      const body = Readable.toWeb(Readable.from(content));
      const init = { method: 'PUT', body, duplex: 'half' } as const;
      const response = await ask(path, {}, init, fileLimitMs, 'application/octet-stream');
      await reach(path, () => response.arrayBuffer());
    },
    download: async function* (path, query) {
      const response = await ask(path, query, {}, fileLimitMs);
      if (!response.body) return;
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reach(path, () => reader.read());
        if (done) return;
        yield value;
      }
    },
  };

  async function reach<T>(path: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
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
