import { problem, WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import type { GatewayAddress } from './gateway-address.ts';

/** Why no answer came, as a sentence about an address that says what to do. */
export function gatewayUnavailable(address: GatewayAddress, why: string, cause?: unknown): WatchtowerError {
  return new WatchtowerError(
    'GatewayUnavailable',
    `The gateway at ${address.url} does not answer (${why}). ${whatToDo(address)}`,
    cause === undefined ? {} : { cause },
  );
}

function whatToDo({ urlFrom }: GatewayAddress): string {
  if (urlFrom === undefined) return 'Is it up?';
  if (urlFrom === 'WATCHTOWER_URL') return 'Is it up, and is WATCHTOWER_URL its address?';
  return `Its address is from ${urlFrom}: is the stack still up ("watchtower up" starts it)?`;
}

/** What the gateway itself says of a request, whatever else may have answered in its place. */
export function refusalOf(
  address: GatewayAddress,
  path: string,
  answer: { readonly status: number; readonly text: string },
): WatchtowerError {
  const { status } = answer;
  const body = jsonOf(answer.text);
  const told = problem.safeParse(body);
  if (told.success) {
    const { code, detail, errors } = told.data;
    const message = code === 'Unauthorized' ? keyRefused(address) : detail;
    const details = errors.length === 0 ? {} : { details: { errors } };
    return new WatchtowerError(code, message, details);
  }
  if (status >= 500) return gatewayUnavailable(address, `${status} for ${path}`);
  const newer = anyProblem.safeParse(body);
  return newer.success
    ? notUnderstood(`${newer.data.detail} (${newer.data.code}, of which this client knows nothing)`)
    : notUnderstood(`${address.url} answered ${path} with ${status} and without saying why. ${isItOne}`);
}

const isItOne = 'Is this address a Watchtower gateway?';
const anyProblem = z.object({ detail: z.string(), code: z.string() });

/** @throws WatchtowerError `GatewayNotUnderstood` where the answer is not of the contract's form */
export function readAnswer<T extends z.ZodType>(
  address: GatewayAddress,
  path: string,
  schema: T,
  text: string,
): z.output<T> {
  const body = jsonOf(text);
  if (body === undefined) throw notUnderstood(`${address.url} answered ${path} without JSON. ${isItOne}`);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw notUnderstood(
    `The answer of ${address.url} to ${path} has another form than this client knows. ` +
      'Are gateway and client of the same version?',
    parsed.error,
  );
}

/** Its answer leads to another address, which the key is not sent to. */
export const gatewayRedirects = ({ url }: GatewayAddress, path: string, cause: unknown): WatchtowerError =>
  notUnderstood(
    `${url} redirects ${path} to another address, and an API key follows no redirection. ` +
      "Name the gateway's own address (https instead of http?).",
    cause,
  );

const notUnderstood = (message: string, cause?: unknown): WatchtowerError =>
  new WatchtowerError('GatewayNotUnderstood', message, cause === undefined ? {} : { cause });

/** Which key was not accepted, and where the right one is found. The key itself is not repeated. */
function keyRefused({ url, key, keyFrom }: GatewayAddress): string {
  const found = 'an embedded stack writes its key to .watchtower/endpoints.json ("api_key").';
  if (key === undefined) return `The gateway at ${url} asks for an API key: set WATCHTOWER_API_KEY; ${found}`;
  if (keyFrom === undefined) return `The gateway at ${url} does not know this API key, or has revoked it.`;
  if (keyFrom === 'WATCHTOWER_API_KEY') {
    return `The gateway at ${url} does not know the key of WATCHTOWER_API_KEY, or has revoked it; ${found}`;
  }
  return `The gateway at ${url} does not know the key of ${keyFrom}. Start the stack again, which writes the file anew.`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
