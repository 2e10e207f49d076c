import { expect, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowState } from './workflow-state.ts';

const answering = (describe: () => Promise<{ status: { name: string } }>) => ({
  workflow: { getHandle: () => ({ describe }) },
});

test.each([
  ['RUNNING', 'open'],
  ['PAUSED', 'open'],
  ['CONTINUED_AS_NEW', 'open'],
  ['COMPLETED', 'completed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'cancelled'],
  ['TERMINATED', 'terminated'],
  ['TIMED_OUT', 'timed_out'],
])('%s is %s', async (name, state) => {
  expect(
    await workflowState(
      answering(async () => ({ status: { name } })),
      'pipeline/1',
    ),
  ).toBe(state);
});

test('a workflow that Temporal does not know is absent; a Temporal that does not answer is an error', async () => {
  const unknown = answering(async () => {
    throw new WorkflowNotFoundError('not found', 'pipeline/1', undefined);
  });
  expect(await workflowState(unknown, 'pipeline/1')).toBe('absent');
  const away = answering(async () => {
    throw new Error('14 UNAVAILABLE');
  });
  await expect(workflowState(away, 'pipeline/1')).rejects.toThrow('UNAVAILABLE');
});
