import { describe, expect, test } from '@jest/globals';
import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { failureCatalogue, failureCode, WatchtowerError } from '@watchtower/contracts';
import { applicationFailureOf } from './activity-failures.ts';

const withCode = (code: string, message = 'it broke', cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

describe('what an activity threw', () => {
  test.each(failureCode.options)(
    '%s keeps its code and is retried only where the catalogue says so',
    (code) => {
      expect(applicationFailureOf(new WatchtowerError(code, 'What, where, what to do.'))).toMatchObject({
        type: code,
        message: 'What, where, what to do.',
        nonRetryable: !failureCatalogue[code].retryable,
      });
    },
  );

  test('keeps its details and leaves its cause in the log', () => {
    const failure = applicationFailureOf(
      new WatchtowerError('StepConflict', 'taken', { details: { head: 3 }, cause: new Error('secret') }),
    );
    expect(failure).toMatchObject({ details: [{ head: 3 }] });
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  test('waits as long as it was told to before the next attempt', () => {
    const told = new WatchtowerError('ReasonerUnavailable', 'Too many requests.', { retryAfterMs: 7_000 });
    expect(applicationFailureOf(told)).toMatchObject({ nextRetryDelay: 7_000, nonRetryable: false });
    expect(applicationFailureOf(new WatchtowerError('ReasonerUnavailable', 'Down.'))).toMatchObject({
      nextRetryDelay: undefined,
    });
  });

  test.each(['P1001', 'P1017', 'P2024', 'P2028', 'ECONNREFUSED', 'ECONNRESET', '57P01', '53300', '08006'])(
    'with code %s is an outage of the database, which is waited out',
    (code) => {
      for (const thrown of [withCode(code), withCode('P9999', 'query failed', withCode(code))]) {
        expect(applicationFailureOf(thrown)).toMatchObject({
          type: 'DatabaseUnavailable',
          nonRetryable: false,
        });
      }
    },
  );

  test.each(['Connection terminated unexpectedly', "Can't reach database server at 127.0.0.1"])(
    'and says "%s" is one as well',
    (message) => {
      expect(applicationFailureOf(new Error(message))).toMatchObject({ type: 'DatabaseUnavailable' });
    },
  );

  test('and broke a constraint is none', () => {
    expect(applicationFailureOf(withCode('P2002', 'Invalid `create()`:\n\nUnique constraint'))).toMatchObject(
      {
        type: 'Internal',
        nonRetryable: false,
        message: 'Unique constraint',
      },
    );
  });

  test('and is not even an error is still told', () => {
    expect(applicationFailureOf('no')).toMatchObject({ type: 'Internal', message: 'no' });
    expect(applicationFailureOf(undefined)).toMatchObject({ type: 'Internal', message: 'undefined' });
  });

  test('passes where Temporal knows it: failures, cancellation, completion from elsewhere', () => {
    const abort = Object.assign(new Error('aborted'), { name: 'AbortError' });
    for (const known of [
      ApplicationFailure.nonRetryable('done', 'Mine'),
      new CancelledFailure('stop'),
      new CompleteAsyncError(),
      abort,
    ]) {
      expect(applicationFailureOf(known)).toBe(known);
    }
  });
});
