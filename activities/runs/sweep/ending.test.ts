import { expect, test } from '@jest/globals';
import { runId } from '@watchtower/contracts';
import { endingOf } from './ending.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');

test.each([
  ['terminated', 'failed', 'WorkflowTerminated'],
  ['timed_out', 'failed', 'WorkflowTimedOut'],
  ['absent', 'failed', 'WorkflowLost'],
  ['failed', 'failed', 'WorkflowFailed'],
  ['completed', 'failed', 'WorkflowFailed'],
  ['cancelled', 'cancelled', 'WorkflowFailed'],
] as const)('a run whose workflow was %s is closed as %s with %s', (state, status, code) => {
  const ending = endingOf(run, state);
  expect(ending).toMatchObject({ status, failure: { code } });
  expect(ending.failure.message).toContain(`pipeline/${run}`);
});
