import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { genesisHash, runId } from '@watchtower/contracts';
import { failed, hashOf, MemoryLog } from './stand-ins/memory-log.ts';
import { WorkflowRuntime } from './stand-ins/workflow-runtime.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const runtime = new WorkflowRuntime();
const log = new MemoryLog();
const actual = await import('@temporalio/workflow');
jest.unstable_mockModule('@temporalio/workflow', () => ({ ...actual, ...runtime.functions }));
jest.unstable_mockModule('./activities.ts', () => ({ audit: log.activities }));
const { Pen } = await import('./pen.ts');

beforeEach(() => log.clear());

const status = (name: string) => ({ kind: 'status', name, message: `${name}.` }) as const;

describe('a pen', () => {
  test('numbers steps without a gap, whoever writes at once', async () => {
    const pen = new Pen(run);
    const written = await Promise.all([
      pen.write([status('one'), status('two')]),
      pen.write([status('three')]),
      pen.write([status('four')]),
    ]);
    expect(written).toEqual([[1, 2], [3], [4]]);
    expect(log.names).toEqual(['one', 'two', 'three', 'four']);
    expect(pen.state).toEqual({ next: 5, head: hashOf(4) });
  });

  test('begins at the first step, or where it was lent', async () => {
    expect(new Pen(run).state).toEqual({ next: 1, head: genesisHash });
    log.append('the parent wrote this');
    const lent = new Pen(run, { next: 2, head: hashOf(1) });
    expect(await lent.write([status('the child goes on')])).toEqual([2]);
  });

  test('that comes back goes on where the child stopped', async () => {
    const pen = new Pen(run);
    await pen.write([status('before')]);
    const child = new Pen(run, pen.state);
    await child.write([status('child'), status('child again')]);
    pen.takeBack(child.state);
    expect(await pen.write([status('after')])).toEqual([4]);
  });

  test('taken up again after a terminated child writes behind its last step', async () => {
    const pen = new Pen(run);
    await pen.write([status('before')]);
    log.append('the child wrote this, and was terminated');
    await pen.recover();
    expect(pen.state).toEqual({ next: 3, head: hashOf(2) });
    expect(await pen.write([status('after')])).toEqual([3]);
  });

  test('that meets another writer writes behind it, with the same words and time', async () => {
    const pen = new Pen(run);
    let met = false;
    log.before = () => {
      if (!met) log.append('another writer');
      met = true;
    };
    const changes = { status: 'running' } as const;
    expect(await pen.write([status('one'), status('two')], changes)).toEqual([2, 3]);
    expect(log.names).toEqual(['another writer', 'one', 'two']);
    expect(log.changes).toEqual([changes]);
    expect(new Set(log.steps.slice(1).map(({ at }) => at)).size).toBe(1);
  });

  test('that meets another writer again and again gives up', async () => {
    const pen = new Pen(run);
    log.before = () => log.append('another writer');
    await expect(pen.write([status('one')])).rejects.toMatchObject({ cause: { type: 'StepConflict' } });
    expect(log.names).not.toContain('one');
  });

  test('does not write behind the end of a run', async () => {
    const pen = new Pen(run);
    let asked = 0;
    log.before = () => {
      asked += 1;
      throw failed('RunFinished', 'It has ended.');
    };
    await expect(pen.write([status('late')])).rejects.toMatchObject({ cause: { type: 'RunFinished' } });
    expect(asked).toBe(1);
  });

  test('whose writing failed once writes the next step under the same number', async () => {
    const pen = new Pen(run);
    log.before = () => {
      throw failed('DatabaseUnavailable', 'For a whole day.');
    };
    await expect(pen.write([status('lost')])).rejects.toThrow();
    log.before = () => undefined;
    expect(await pen.write([status('kept')])).toEqual([1]);
  });

  test('tells the Temporal UI what it wrote, and anchors the head whenever the status changes', async () => {
    const pen = new Pen(run);
    await pen.write([status('run_opened')], { status: 'running' });
    await pen.write([status('champion_read')]);
    expect(runtime.details).toBe('1. run_opened.\n2. champion_read.');
    expect(runtime.memo).toEqual({ audit_head: hashOf(1), audit_step: 1, status: 'running' });
  });
});
