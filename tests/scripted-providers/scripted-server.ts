import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  nextAnswer,
  type Script,
  type ScriptedAnswer,
  type ScriptedFailure,
  type SeenRequest,
  type SpokenAnswer,
} from './script.ts';

/** A request as it was received; keys are compared, never kept. */
export interface RecordedRequest {
  /** When it had come in whole, in milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  readonly authorized: boolean;
  /** Headers without those that hold a key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** What a real endpoint would have refused; null where the request is right. */
  readonly refused: string | null;
}

/** What differs between the interfaces. */
export interface WireFormat {
  readonly path: string;
  readonly authorized: (headers: IncomingMessage['headers'], key: string | null) => boolean;
  /** Why a real endpoint would answer 400; null where it would not. */
  readonly refusalOf: (headers: IncomingMessage['headers'], body: unknown) => string | null;
  readonly seen: (body: unknown) => Pick<SeenRequest, 'results' | 'last'>;
  readonly spoken: (answer: SpokenAnswer, body: unknown, requestNumber: number) => object;
  readonly error: (status: number, error: Readonly<Record<string, unknown>>) => object;
  readonly requestIdHeader: string;
}

export interface ScriptedProvider {
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** Answers from now on by another script, from its beginning. */
  readonly follow: (script: Script) => void;
  readonly close: () => Promise<void>;
}

export interface ScriptedProviderOptions {
  readonly script: Script;
  /** The key that is asked for; null for a server that needs none. */
  readonly key: string | null;
}

/** A real HTTP server on loopback that speaks an interface and follows a script. */
export async function startScriptedProvider(
  format: WireFormat,
  { script: first, key }: ScriptedProviderOptions,
  basePath: string,
): Promise<ScriptedProvider> {
  const requests: RecordedRequest[] = [];
  let script = first;
  let index = 0;

  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = Buffer.concat(await request.toArray()).toString('utf8');
    const body: unknown = JSON.parse(text);
    const authorized = format.authorized(request.headers, key);
    const path = request.url ?? '';
    const found = request.method === 'POST' && path === format.path;
    const refused = found ? format.refusalOf(request.headers, body) : null;
    requests.push({ at: Date.now(), path, authorized, headers: harmless(request.headers), body, refused });
    response.setHeader(format.requestIdHeader, `req_${requests.length}`);
    if (!found)
      return send(response, 404, format.error(404, { type: 'not_found_error', message: 'Not found' }));
    if (!authorized) {
      const error = { type: 'authentication_error', message: 'invalid key' };
      return send(response, 401, format.error(401, error));
    }
    if (refused !== null) {
      return send(response, 400, format.error(400, { type: 'invalid_request_error', message: refused }));
    }
    const seen = { index, body, ...format.seen(body) };
    index += 1;
    await perform(nextAnswer(script, seen), body, response);
  };

  const perform = async (answer: ScriptedAnswer, body: unknown, response: ServerResponse): Promise<void> => {
    if (!('say' in answer)) return fail(answer, response, format);
    if (answer.delay !== undefined && !(await stillThere(response, answer.delay))) return;
    await answer.held;
    send(response, 200, format.spoken(answer, body, requests.length));
  };

  const server = createServer((request, response) => {
    answerTo(request, response).catch((error: unknown) => {
      // A script that throws is a test's mistake: it is told where the test looks.
      const message = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) send(response, 400, format.error(400, { type: 'script_error', message }));
      else response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The scripted provider has no port.');
  return {
    baseUrl: `http://127.0.0.1:${address.port}${basePath}`,
    requests,
    follow: (next) => {
      script = next;
      index = 0;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Waits; false where whoever asked has gone meanwhile. */
async function stillThere(response: ServerResponse, milliseconds: number): Promise<boolean> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return sleep(milliseconds, true, { signal: gone.signal }).catch(() => false);
}

function fail(failure: ScriptedFailure, response: ServerResponse, format: WireFormat): void {
  if ('drop' in failure) {
    if (failure.drop === 'within the body') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id": "cut", "content": [');
    }
    // What was written is to arrive first.
    setTimeout(() => response.destroy(), 20);
    return;
  }
  if ('trickle' in failure) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drip));
    return;
  }
  if ('body' in failure) {
    const type = failure.content_type ?? 'text/html; charset=utf-8';
    response.writeHead(failure.status ?? 200, { 'content-type': type }).end(failure.body);
    return;
  }
  for (const [name, value] of Object.entries(failure.headers ?? {})) response.setHeader(name, value);
  send(response, failure.status, format.error(failure.status, failure.error ?? {}));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const holdKeys = new Set(['authorization', 'x-api-key']);
const harmless = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      holdKeys.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
