import { expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { pendingActivity } from './waiting-on.ts';

test('a pending activity tells its attempt, its last failure and its progress', () => {
  const progress = defaultPayloadConverter.toPayload({ seconds: 3 });
  expect(
    pendingActivity({
      activityType: { name: 'readChampion' },
      state: 1,
      attempt: 4,
      lastFailure: { message: 'MLflow does not answer' },
      heartbeatDetails: { payloads: [progress] },
    }),
  ).toEqual({
    activity: 'readChampion',
    attempt: 4,
    state: 'scheduled',
    last_failure: 'MLflow does not answer',
    progress: { seconds: 3 },
  });
});

test('a pending activity that has told nothing yet is in its first attempt', () => {
  expect(pendingActivity({})).toEqual({
    activity: 'unknown',
    attempt: 1,
    state: 'unknown',
    last_failure: null,
    progress: null,
  });
});
