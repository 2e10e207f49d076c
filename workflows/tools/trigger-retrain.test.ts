import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { RetrainResult } from '@watchtower/activities';
import { runId } from '@watchtower/contracts';
import { failed, MemoryLog } from '../stand-ins/memory-log.ts';
import { WorkflowRuntime } from '../stand-ins/workflow-runtime.ts';
import type { Toolbox } from './toolbox.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const log = new MemoryLog();
const actual = await import('@temporalio/workflow');

/** How deep in work that cancelling the run does not reach. */
let shielded = 0;
let cancelled = false;
let childEnds: () => Promise<never>;
/** What `readTraining` finds, look after look. */
let found: (RetrainResult | null)[];
const stop = jest.fn<(options: object) => Promise<void>>();

/** As an activity of a scope that was cancelled. */
const reach = (): void => {
  if (cancelled && shielded === 0) throw new actual.CancelledFailure('The run was cancelled.');
};
jest.unstable_mockModule('@temporalio/workflow', () => ({
  ...actual,
  ...new WorkflowRuntime().functions,
  CancellationScope: {
    nonCancellable: async <T>(work: () => Promise<T>): Promise<T> => {
      shielded += 1;
      return work().finally(() => {
        shielded -= 1;
      });
    },
  },
  executeChild: () => childEnds(),
}));
jest.unstable_mockModule('../activities.ts', () => ({
  audit: log.activities,
  leases: {},
  mlflow: {},
  opening: {},
  runs: {
    readTraining: {
      executeWithOptions: async () => {
        reach();
        return found.shift() ?? null;
      },
    },
  },
  training: {
    stopTraining: {
      executeWithOptions: async (options: object) => {
        reach();
        return stop(options);
      },
    },
  },
  waiting: {
    awaitWorkflow: {
      executeWithOptions: async () => {
        // Cancelled while the end of the earlier child is on its way.
        cancelled = true;
        return { state: 'terminated' };
      },
    },
  },
}));
const { Pen } = await import('../pen.ts');
const { triggerRetrain } = await import('./trigger-retrain.ts');

const terminated = async (): Promise<never> => {
  cancelled = true;
  throw new actual.TerminatedFailure('Terminated by an operator.');
};
const startedBefore = async (): Promise<never> => {
  throw new WorkflowExecutionAlreadyStartedError('It exists.', `retrain/${run}`, 'retrain');
};

beforeEach(() => {
  log.clear();
  shielded = 0;
  cancelled = false;
  childEnds = terminated;
  found = [];
  stop.mockReset();
  stop.mockResolvedValue(undefined);
});

const trigger = () => {
  const context = {
    run_id: run,
    model: 'flights',
    trigger_source: 'test',
    definition: { retrain: { trainer: 'process' } },
    reference_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
    split_at: '2026-03-01T00:00:00.000Z',
  };
  const toolbox: unknown = { context, pen: new Pen(run) };
  return triggerRetrain(toolbox as Toolbox, {} as Parameters<typeof triggerRetrain>[1]);
};

describe('a retraining that ended without a result', () => {
  test.each([
    ['terminated', terminated],
    ['of an execution before a reset', startedBefore],
  ])('(%s) is stopped and settled, even where the run is cancelled meanwhile', async (_, end) => {
    childEnds = end;
    expect(await trigger()).toMatchObject({ is_error: true, event: { type: 'training_failed' } });
    expect(cancelled).toBe(true);
    expect(stop).toHaveBeenCalledWith(expect.objectContaining({ scheduleToCloseTimeout: '2m' }));
    expect(log.names).toContain('training_settled');
    expect(log.changes).toMatchObject([{ training: { status: 'failed' } }]);
  });

  test('is settled where its host does not answer', async () => {
    stop.mockRejectedValue(failed('Internal', 'Nobody answers.'));
    expect(await trigger()).toMatchObject({ event: { type: 'training_failed' } });
    expect(log.names).toEqual(['training_settled']);
  });

  test('is what its last step says, where that came late', async () => {
    found = [null, { status: 'succeeded', version: '2', attempts: 1, metrics: {} }];
    expect(await trigger()).toMatchObject({ event: { type: 'training_succeeded', version: '2' } });
    expect(log.names).toEqual([]);
  });
});
