import {
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { type FieldProblem, type Problem, problemOf, WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';

/** A request that is wrong in one or several fields. */
export class RequestProblem extends WatchtowerError {
  readonly errors: readonly FieldProblem[];

  constructor(
    code: ConstructorParameters<typeof WatchtowerError>[0],
    message: string,
    errors: readonly FieldProblem[],
  ) {
    super(code, message);
    this.errors = errors;
  }
}

/** Any error as a problem (RFC 9457). What is not a failure of the catalogue is told to nobody but the log. */
export function problemFor(error: unknown): Problem {
  const failure = failureOf(error);
  return problemOf(failure.code, failure.message, failure instanceof RequestProblem ? failure.errors : []);
}

export function failureOf(error: unknown): WatchtowerError {
  if (error instanceof WatchtowerError) return error;
  return (
    bodyFailure(error) ??
    outage(error) ??
    new WatchtowerError('Internal', 'The gateway ran into an error of its own; its log tells more.', {
      cause: error,
    })
  );
}

const bodyError = z.object({ type: z.string(), status: z.int(), message: z.string() });

/** What `express.json()` and the router throw about a request they cannot read. */
function bodyFailure(error: unknown): WatchtowerError | undefined {
  if (error instanceof URIError) {
    return new WatchtowerError('InvalidRequest', 'The path holds a broken percent-encoding.');
  }
  const parsed = bodyError.safeParse(error);
  if (!parsed.success) return undefined;
  const { type, status, message } = parsed.data;
  if (type === 'entity.parse.failed') {
    return new RequestProblem('InvalidRequest', `The body is not valid JSON: ${message}.`, [
      { path: 'body', message },
    ]);
  }
  if (type === 'entity.too.large') {
    return new WatchtowerError('RequestTooLarge', 'The body is larger than 1 MB.');
  }
  if (status === 415)
    return new WatchtowerError('UnsupportedMediaType', `The body cannot be read: ${message}.`);
  return status < 500
    ? new WatchtowerError('InvalidRequest', `The body cannot be read: ${message}.`)
    : undefined;
}

const temporalOutage: ReadonlySet<number> = new Set([1, 4, 14]);
/** Node's, Postgres' and Prisma's codes for a server that is away, starting, stopping, or not migrated yet. */
const databaseOutage =
  /^(ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|57P0[1-3]|08...|53300|3D000|P10(01|02|08|17)|P20(21|24|37))$/;

function outage(error: unknown): WatchtowerError | undefined {
  for (const cause of causes(error)) {
    if (
      cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
      (isGrpcServiceError(cause) && temporalOutage.has(cause.code))
    ) {
      return new WatchtowerError('TemporalUnavailable', 'Temporal does not answer; try again shortly.', {
        cause: error,
      });
    }
    if (cause instanceof ServiceError) continue;
    const code = codeOf(cause);
    if (code !== undefined && databaseOutage.test(code)) {
      return new WatchtowerError('DatabaseUnavailable', 'Postgres does not answer; try again shortly.', {
        cause: error,
      });
    }
  }
  return undefined;
}

const withCause = z.looseObject({ cause: z.unknown() });
const withCode = z.looseObject({ code: z.string() });

function codeOf(error: unknown): string | undefined {
  return withCode.safeParse(error).data?.code;
}

function* causes(error: unknown): Generator<unknown> {
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth += 1) {
    yield current;
    current = withCause.safeParse(current).data?.cause;
  }
}
