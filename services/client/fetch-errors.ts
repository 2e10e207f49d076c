/** What became of a request, which `fetch` hides in the cause of its TypeError. */

/** Nobody listens there, or there is no such host: nothing was sent. */
export const neverArrived = (error: unknown): boolean =>
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(codeOf(error));

/** By an `AbortSignal.timeout`. */
export const timedOut = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

/** By an answer that leads elsewhere, with `redirect: 'error'`; undici gives it no code, only these words. */
export const redirected = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === 'unexpected redirect';

/** In words, to stand in parentheses. */
export function reasonOf(error: unknown): string {
  if (timedOut(error)) return 'nothing came in time';
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  if (code === 'ENOTFOUND') return 'there is no such host';
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || code : error.message;
}

function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
