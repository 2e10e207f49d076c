import { randomUUID } from 'node:crypto';
import { type Problem, problem } from '@watchtower/contracts';
import type { z } from 'zod';
import type { GatewayAddress } from './connection.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';

const requestLimit = 30_000;
const attempts = 3;

/** The gateway's refusal, with its problem details. */
export class GatewayRefusal extends CommandFailure {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(exitCodeOf(problem.status), `${problem.detail} (${problem.code})`);
    this.problem = problem;
  }
}

/** Asks the gateway; answers are checked against the contract. */
export class GatewayClient {
  readonly address: GatewayAddress;

  constructor(address: GatewayAddress) {
    this.address = address;
  }

  /** @param path below `/api/v1` */
  async get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    return (await this.#send('GET', path, schema)).body;
  }

  /**
   * Sent with an Idempotency-Key, so that a request whose answer was lost is repeated without a second effect.
   *
   * @returns the answer with its status, which may tell two kinds of success apart
   */
  post<T extends z.ZodType>(
    path: string,
    body: unknown,
    schema: T,
  ): Promise<{ readonly status: number; readonly body: z.output<T> }> {
    return this.#send('POST', path, schema, { body: JSON.stringify(body), key: randomUUID() });
  }

  /** Never repeated by itself: sent late, it could undo what somebody else did meanwhile. */
  postOnce<T extends z.ZodType>(
    path: string,
    body: unknown,
    schema: T,
  ): Promise<{ readonly status: number; readonly body: z.output<T> }> {
    return this.#send('POST', path, schema, { body: JSON.stringify(body) });
  }

  /** An open stream; the caller reads it. */
  async stream(path: string, lastEventId: number, signal: AbortSignal): Promise<Response> {
    const response = await fetch(this.#url(path), {
      headers: { ...this.#headers(), Accept: 'text/event-stream', 'Last-Event-ID': String(lastEventId) },
      signal,
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  async #send<T extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: T,
    content?: { readonly body: string; readonly key?: string },
  ): Promise<{ status: number; body: z.output<T> }> {
    const headers = {
      ...this.#headers(),
      ...(content ? { 'Content-Type': 'application/json' } : {}),
      ...(content?.key === undefined ? {} : { 'Idempotency-Key': content.key }),
    };
    const send = () =>
      fetch(this.#url(path), {
        method,
        headers,
        signal: AbortSignal.timeout(requestLimit),
        ...(content ? { body: content.body } : {}),
      });
    const repeatable = content === undefined || content.key !== undefined;
    const response = await this.#repeated(send, repeatable ? attempts : 1);
    if (!response.ok) throw await refusal(response);
    const body = schema.safeParse(await response.json().catch(() => undefined));
    if (body.success) return { status: response.status, body: body.data };
    throw new CommandFailure(
      exitCodes.unreachable,
      `The gateway's answer to ${path} is not of the form this command knows; are both of the same version?`,
      { cause: body.error },
    );
  }

  /** A connection that breaks is tried again; one that is refused means that nobody listens. */
  async #repeated(send: () => Promise<Response>, most: number): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        if (attempt >= most || connectionRefused(error)) throw this.#unreachable(error);
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
      }
    }
  }

  #unreachable(error: unknown): CommandFailure {
    return new CommandFailure(
      exitCodes.unreachable,
      `The gateway at ${this.address.url} does not answer. Is it up ("watchtower up")?`,
      { cause: error },
    );
  }

  #url = (path: string): string => `${this.address.url}/api/v1${path}`;

  #headers(): Record<string, string> {
    return this.address.key === undefined ? {} : { 'X-API-Key': this.address.key };
  }
}

async function refusal(response: Response): Promise<CommandFailure> {
  const text = await response.text();
  try {
    return new GatewayRefusal(problem.parse(JSON.parse(text)));
  } catch {
    return new CommandFailure(
      exitCodeOf(response.status),
      `The gateway answered ${response.status} without saying why; is this address a Watchtower gateway?`,
    );
  }
}

/** A refusal of the input, of the state, or a gateway that cannot help now. */
function exitCodeOf(status: number): ExitCode {
  if (status === 409 || status === 412) return exitCodes.refused;
  if (status === 401 || status === 403 || status >= 500) return exitCodes.unreachable;
  return exitCodes.usage;
}

function connectionRefused(error: unknown): boolean {
  return error instanceof TypeError && /ECONNREFUSED/.test(String(Object(error.cause).code));
}
