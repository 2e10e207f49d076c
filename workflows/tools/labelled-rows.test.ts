import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { duration, type FailureCode, runId } from '@watchtower/contracts';
import { failed, MemoryLog } from '../stand-ins/memory-log.ts';
import { WorkflowRuntime } from '../stand-ins/workflow-runtime.ts';
import type { Toolbox } from './toolbox.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const log = new MemoryLog();
const actual = await import('@temporalio/workflow');
let now: number;
/** What one look after the other finds; the last one again and again. */
let looks: (FailureCode | number)[];

jest.unstable_mockModule('@temporalio/workflow', () => ({
  ...actual,
  ...new WorkflowRuntime().functions,
  sleep: async (pause: number) => {
    now += pause;
  },
}));
jest.unstable_mockModule('../activities.ts', () => ({
  audit: log.activities,
  evaluation: {
    prepareEvaluation: {
      executeWithOptions: async () => {
        const seen = (looks.length > 1 ? looks.shift() : looks[0]) ?? 0;
        if (typeof seen === 'string') throw failed(seen, 'So it is.');
        return { rows: seen, unlabelled: 0 };
      },
    },
  },
}));
const { Pen } = await import('../pen.ts');
const { labelledRows } = await import('./labelled-rows.ts');

beforeEach(() => {
  log.clear();
  now = Date.parse('2026-01-05T06:00:00.000Z');
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});

const wait = (deadline: string) => {
  const evaluate = { minimum_rows: 100, labels_deadline: duration.parse(deadline) };
  const toolbox: unknown = { context: { run_id: run, definition: { evaluate } }, pen: new Pen(run) };
  return labelledRows(toolbox as Toolbox);
};

const passing = ['DataEmpty', 'DataFileMissing', 'DataFileUnreadable'] as const;
describe.each(passing)('%s while labels are waited for', (code) => {
  test('is waited out', async () => {
    looks = [20, code, code, 120];
    expect(await wait('1h')).toMatchObject({ rows: 120 });
    expect(log.names).toEqual(['awaiting_labels', 'labels_arrived']);
  });

  test('fails at the deadline, and at once where there is none', async () => {
    looks = [code];
    await expect(wait('1m')).rejects.toMatchObject({ cause: { type: code } });
    expect(log.names).toEqual(['awaiting_labels']);
    await expect(wait('0s')).rejects.toMatchObject({ cause: { type: code } });
  });
});

test('a mistake in the data is not waited out', async () => {
  looks = ['TargetMissing', 120];
  await expect(wait('1h')).rejects.toMatchObject({ cause: { type: 'TargetMissing' } });
  expect(log.names).toEqual([]);
});
