import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ActivityFailure, CancelledFailure } from '@temporalio/common';
import { exampleRequest } from '../tests/scripted-providers/index.ts';
import { failed } from './stand-ins/memory-log.ts';

const reason = { executeWithOptions: jest.fn<() => Promise<unknown>>() };
const sleep = jest.fn<(time: string) => Promise<void>>(async () => undefined);
const actual = await import('@temporalio/workflow');
jest.unstable_mockModule('@temporalio/workflow', () => ({
  ...actual,
  proxyActivities: () => ({ reason }),
  sleep,
}));
jest.unstable_mockModule('./activities.ts', () => ({ reasoning: { reason } }));
const { askReasoner } = await import('./ask-reasoner.ts');

beforeEach(() => {
  reason.executeWithOptions.mockReset();
  sleep.mockClear();
});

describe('asking a language model', () => {
  test('that fails says who takes over, and why', async () => {
    reason.executeWithOptions.mockRejectedValue(failed('ReasonerRejected', 'No credit.'));
    await expect(askReasoner(exampleRequest())).resolves.toMatchObject({
      cause: 'failed',
      code: 'ReasonerRejected',
    });
  });

  test('waits while Postgres is away, and asks again', async () => {
    const away = failed('DatabaseUnavailable', 'Postgres does not answer.');
    const answer = { blocks: [], stop: 'end' };
    reason.executeWithOptions
      .mockRejectedValueOnce(away)
      .mockRejectedValueOnce(away)
      .mockResolvedValueOnce(answer);
    await expect(askReasoner(exampleRequest())).resolves.toBe(answer);
    expect(sleep).toHaveBeenCalledTimes(2);
  });

  test('is given up where Postgres stays away for a day', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(0);
    sleep.mockImplementation(async () => {
      now.mockReturnValue(Date.now() + 6 * 3_600_000);
    });
    reason.executeWithOptions.mockRejectedValue(failed('DatabaseUnavailable', 'Postgres does not answer.'));
    try {
      await expect(askReasoner(exampleRequest())).resolves.toMatchObject({
        cause: 'failed',
        code: 'DatabaseUnavailable',
      });
      expect(reason.executeWithOptions).toHaveBeenCalledTimes(5);
    } finally {
      now.mockRestore();
      sleep.mockImplementation(async () => undefined);
    }
  });

  test.each([
    new CancelledFailure('The run is cancelled.'),
    new ActivityFailure(
      'Activity cancelled',
      'reason',
      '1',
      'CANCEL_REQUESTED',
      undefined,
      new CancelledFailure('The run is cancelled.'),
    ),
  ])('ends with the run that is cancelled (%#)', async (cancelled) => {
    reason.executeWithOptions.mockRejectedValue(cancelled);
    await expect(askReasoner(exampleRequest())).rejects.toBe(cancelled);
  });
});
