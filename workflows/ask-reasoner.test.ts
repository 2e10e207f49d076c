import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ActivityFailure, CancelledFailure } from '@temporalio/common';
import { exampleRequest } from '../tests/scripted-providers/index.ts';
import { failed } from './stand-ins/memory-log.ts';

const reason = { executeWithOptions: jest.fn<() => Promise<unknown>>() };
const actual = await import('@temporalio/workflow');
jest.unstable_mockModule('@temporalio/workflow', () => ({ ...actual, proxyActivities: () => ({ reason }) }));
jest.unstable_mockModule('./activities.ts', () => ({ reasoning: { reason } }));
const { askReasoner } = await import('./ask-reasoner.ts');

beforeEach(() => {
  reason.executeWithOptions.mockReset();
});

describe('asking a language model', () => {
  test('that fails says who takes over, and why', async () => {
    reason.executeWithOptions.mockRejectedValue(failed('ReasonerRejected', 'No credit.'));
    await expect(askReasoner(exampleRequest())).resolves.toMatchObject({
      cause: 'failed',
      code: 'ReasonerRejected',
    });
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
