import { ApplicationFailure, CancelledFailure, CompleteAsyncError } from '@temporalio/activity';
import { type FailureCode, failureCatalogue, WatchtowerError } from '@watchtower/contracts';

/**
 * What an activity threw, as Temporal should know it: failures of the catalogue under their code, retryable or not as the
 * catalogue says; a database that does not answer as an outage; anything else as `Internal`, retried for as long as the
 * activity may. The stack stays in the worker's log, not in the history.
 */
export function applicationFailureOf(error: unknown): unknown {
  if (
    error instanceof ApplicationFailure ||
    error instanceof CancelledFailure ||
    error instanceof CompleteAsyncError
  ) {
    return error;
  }
  if (error instanceof Error && error.name === 'AbortError') return error;
  if (error instanceof WatchtowerError) {
    const { code, message, details, retryAfterMs } = error;
    return failure(code, message, details, retryAfterMs);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (isDatabaseOutage(error))
    return failure('DatabaseUnavailable', `Postgres does not answer: ${lastLine(message)}`);
  return failure('Internal', lastLine(message));
}

function failure(
  code: FailureCode,
  message: string,
  details?: unknown,
  nextRetryDelay?: number,
): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !failureCatalogue[code].retryable,
    ...(details !== undefined && { details: [details] }),
    ...(nextRetryDelay !== undefined && { nextRetryDelay }),
  });
}

/** Prisma's codes of a server that cannot be reached, shuts down or is too busy, and those of the socket. */
const outages =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|57P01|57P02|57P03|53300|08\w{3})$/;

function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as Error & { readonly code?: unknown };
  if (typeof code === 'string' && outages.test(code)) return true;
  if (
    /(Connection terminated|Can't reach database|connect ECONNREFUSED|DatabaseNotReachable)/.test(
      error.message,
    )
  )
    return true;
  return cause !== undefined && isDatabaseOutage(cause);
}

/** Prisma puts the reason last, behind the query. */
const lastLine = (message: string): string => message.trim().split('\n').at(-1)?.trim() ?? message;
