import { expect, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { awaitWorkflow } from './await-workflow.ts';

/** A workflow whose state is looked at again and again; the last one stays. */
function showing(...states: readonly (string | null)[]) {
  const left = [...states];
  const describe = async () => {
    const name = left.length > 1 ? left.shift() : left[0];
    if (!name) throw new WorkflowNotFoundError('not found', 'retrain/1', undefined);
    return { status: { name } };
  };
  return { workflow: { getHandle: () => ({ describe }) } };
}

const watching = () => {
  const beats: unknown[] = [];
  return { beats, beat: (progress: unknown) => beats.push(progress), pause: async () => undefined };
};

test('waits until nothing is open, and shows for what', async () => {
  const watch = watching();
  expect(await awaitWorkflow(showing('RUNNING', 'RUNNING', 'COMPLETED'), 'retrain/1', watch)).toBe(
    'completed',
  );
  expect(watch.beats).toEqual(Array(2).fill({ waiting_for: 'end of retrain/1' }));
});

test('does not wait for a workflow that never was', async () => {
  const watch = watching();
  expect(await awaitWorkflow(showing(null), 'retrain/1', watch)).toBe('absent');
  expect(watch.beats).toEqual([]);
});

test('ends where it is cancelled', async () => {
  const cancelled = { ...watching(), pause: () => Promise.reject(new Error('cancelled')) };
  await expect(awaitWorkflow(showing('RUNNING'), 'retrain/1', cancelled)).rejects.toThrow('cancelled');
});
