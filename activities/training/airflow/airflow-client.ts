import { type Environment, WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';

/** How long one request may take, its body included. */
const requestLimitMs = 10_000;
/** Of a task's log as it is read. */
const largestAnswerBytes = 16 * 1024 ** 2;

export type AirflowSettings = Pick<Environment, 'AIRFLOW_API_URL' | 'AIRFLOW_USERNAME' | 'AIRFLOW_PASSWORD'>;

/** The two interfaces that are in use: 2.x answers below /api/v1 with basic auth, 3.x below /api/v2 with a token. */
export type AirflowVersion = 'v1' | 'v2';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** Airflow's REST interface. Paths are relative to that of the version found, such as `dags/x`. */
export interface AirflowClient {
  /** Found by asking, once. @throws WatchtowerError `TrainerRejected` where neither answers */
  version(): Promise<AirflowVersion>;
  /**
   * @param expected statuses that are answers and not failures, beside those of success; their body may be anything
   * @throws WatchtowerError `TrainerUnavailable` (may pass) or `TrainerRejected` (will not)
   */
  ask<T>(request: AirflowRequest<T>): Promise<Answer<T> | Answer<null>>;
}

export interface AirflowRequest<T> {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  readonly shape: z.ZodType<T>;
  readonly expected?: readonly number[];
}

const versionAnswer = z.object({ version: z.string() });
const tokenAnswer = z.object({ access_token: z.string().min(1) });
/** 2.x: problem details; 3.x: `detail`, a text or a list of what is wrong where. */
const refusal = z.object({ title: z.string().optional(), detail: z.unknown().optional() });

export function createAirflowClient(
  settings: AirflowSettings,
  { limitMs = requestLimitMs, limitBytes = largestAnswerBytes } = {},
): AirflowClient {
  const root = settings.AIRFLOW_API_URL.replace(/\/+$/, '');
  const { AIRFLOW_USERNAME: user = '', AIRFLOW_PASSWORD: password = '' } = settings;
  let found: AirflowVersion | undefined;
  /** Shared by requests at once; a failed sign-in is forgotten. */
  let token: Promise<string> | undefined;

  /** The answer whatever its status, read to its end. */
  const send = async (path: string, init: RequestInit): Promise<{ status: number; text: string }> => {
    try {
      const response = await fetch(`${root}/${path}`, { ...init, signal: AbortSignal.timeout(limitMs) });
      return {
        status: response.status,
        text: await textOf(response, limitBytes, `${root} answered ${path}`),
      };
    } catch (cause) {
      if (cause instanceof WatchtowerError) throw cause;
      throw new WatchtowerError(
        'TrainerUnavailable',
        `Airflow at ${root} did not answer ${path} (${reasonOf(cause)}). It is tried again; check that its API server runs.`,
        { cause },
      );
    }
  };

  const version = async (): Promise<AirflowVersion> => {
    if (found) return found;
    for (const candidate of ['v2', 'v1'] as const) {
      const path = `api/${candidate}/version`;
      const { status, text } = await send(path, { headers: { accept: 'application/json' } });
      if (status === 200 && versionAnswer.safeParse(jsonOf(text)).success) {
        found = candidate;
        return candidate;
      }
      if (passing(status)) throw refused(root, path, status, text);
    }
    throw new WatchtowerError(
      'TrainerRejected',
      `${root} answers neither /api/v2/version nor /api/v1/version as Airflow would. Check AIRFLOW_API_URL: it ends before /api.`,
    );
  };

  const signIn = async (): Promise<string> => {
    const path = 'auth/token';
    const { status, text } = await send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ username: user, password }),
    });
    const answer = tokenAnswer.safeParse(jsonOf(text));
    if (status < 300 && answer.success) return answer.data.access_token;
    // What was sent is a password: a server that echoes it must not have it logged.
    if (passing(status)) throw refused(root, path, status, '');
    throw new WatchtowerError(
      'TrainerRejected',
      `Airflow at ${root} gave no token for AIRFLOW_USERNAME and AIRFLOW_PASSWORD (${status}). Check both, and that its auth manager has /auth/token.`,
    );
  };

  const authorization = async (by: AirflowVersion): Promise<string> => {
    if (by === 'v1') return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    token ??= signIn().catch((error: unknown) => {
      token = undefined;
      throw error;
    });
    return `Bearer ${await token}`;
  };

  /** 3.x answers every path of 2.x with 404: what is there would look as if it were not. */
  const wasUpgraded = async (): Promise<boolean> => {
    found = undefined;
    return (await version()) !== 'v1';
  };

  const ask: AirflowClient['ask'] = async (request) => {
    const { method = 'GET', path, body, shape, expected = [] } = request;
    const by = await version();
    const attempt = async () => {
      const shown = await authorization(by);
      const answer = await send(`api/${by}/${path}`, {
        method,
        headers: {
          authorization: shown,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { ...answer, shown };
    };
    let { status, text, shown } = await attempt();
    if (status === 401 && by === 'v2') {
      // A token lives for a day at most; a fresh one tells whether it was that. Somebody else may have it already.
      if (shown === `Bearer ${await token}`) token = undefined;
      ({ status, text, shown } = await attempt());
    }
    if (status === 404 && by === 'v1' && (await wasUpgraded())) return ask(request);
    if (status === 404 && !isAirflows(text)) throw foreignAnswer(root, path);
    if (expected.includes(status)) return { status, body: null };
    if (status >= 300) throw refused(root, path, status, text);
    const answer = shape.safeParse(jsonOf(text));
    if (answer.success) return { status, body: answer.data };
    throw new WatchtowerError(
      'TrainerRejected',
      `${root} answered ${path} with something else than Airflow would (${text.slice(0, 80).trim()}). Check AIRFLOW_API_URL.`,
    );
  };

  return { version, ask };
}

/** A proxy before an Airflow that is being started answers 404, too, and then nothing is known of what was asked for. */
const isAirflows = (text: string): boolean =>
  z.object({ detail: z.string() }).safeParse(jsonOf(text)).success;

function foreignAnswer(root: string, path: string): WatchtowerError {
  return new WatchtowerError(
    'TrainerUnavailable',
    `${root} answered ${path} with 404, and not as Airflow would. It is tried again; check what stands before Airflow, and AIRFLOW_API_URL.`,
  );
}

const passing = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

function refused(root: string, path: string, status: number, text: string): WatchtowerError {
  const told = refusal.safeParse(jsonOf(text)).data;
  const detail = typeof told?.detail === 'string' ? told.detail : JSON.stringify(told?.detail ?? '');
  const why = told ? `${told.title ?? ''} ${detail}`.trim() : text.trim();
  const tail = passing(status)
    ? ' It is tried again.'
    : status === 401 || status === 403
      ? ' Check AIRFLOW_USERNAME and AIRFLOW_PASSWORD, and what that user may do.'
      : '';
  return new WatchtowerError(
    passing(status) ? 'TrainerUnavailable' : 'TrainerRejected',
    `Airflow at ${root} answered ${path} with ${status} (${why.slice(0, 300)}).${tail}`,
    { details: { status } },
  );
}

async function textOf(response: Response, limitBytes: number, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) return Buffer.concat(chunks).toString('utf8');
    chunks.push(part.value);
    bytes += part.value.length;
    if (bytes <= limitBytes) continue;
    await reader?.cancel();
    throw new WatchtowerError(
      'TrainerRejected',
      `${what} with more than ${limitBytes / 1024 ** 2} MiB, which is not read.`,
    );
  }
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
  if (cause.name === 'TimeoutError') return 'no answer in time';
  const inner = cause.cause instanceof Error && 'code' in cause.cause ? cause.cause.code : undefined;
  return typeof inner === 'string' ? inner : cause.message;
}
