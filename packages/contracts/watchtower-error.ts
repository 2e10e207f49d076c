import type { JsonObject } from './canonical-json.ts';
import { type FailureCode, failureCatalogue } from './failure-catalogue.ts';

/** The one error class of ours. Activities turn it into an `ApplicationFailure` of type `code`, routes into a problem. */
export class WatchtowerError extends Error {
  override readonly name = 'WatchtowerError';
  readonly code: FailureCode;
  readonly details: JsonObject | undefined;
  /** How long to wait before the next attempt, in milliseconds, where somebody said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: {
      readonly details?: JsonObject;
      readonly cause?: unknown;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }

  get retryable(): boolean {
    return failureCatalogue[this.code].retryable;
  }
}
