import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type RunDetail, type RunId, workflowIds } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';

const minutes = 60_000;
jest.setTimeout(3 * minutes);

/**
 * What an operator does in the Temporal UI: the pipeline of a run is set back to its first task, before everything it
 * did. Children, leases, the training, the alias and the log are as they were.
 */
let lab: Lab;
beforeAll(async () => {
  lab = await openLab('resets');
});
afterAll(() => lab?.close());

const pipeline = (run: RunId) => lab.temporal.workflow.getHandle(workflowIds.pipeline(run));

/** Waits until people are asked for the n-th time. */
async function asked(run: RunId, times: number): Promise<RunDetail> {
  while ((await countSteps(run, 'approval_requested')) < times) await sleep(100);
  return lab.until(run, ({ status }) => status === 'waiting_for_approval');
}

const countSteps = (run: RunId, name: string) => lab.database.step.count({ where: { run_id: run, name } });

test('a pipeline terminated in training and then reset says that its one training was stopped', async () => {
  await lab.apply({ retrain: { command: ['sleep', '60'] } });
  const run = await lab.startRun();
  await lab.step(run, 'training_started');
  await pipeline(run).terminate('somebody pressed the wrong button');
  await lab.resetPipeline(run);
  expect(await lab.ended(run)).toMatchObject({
    status: 'failed',
    failure: { code: 'TrainingCancelled', message: expect.stringContaining('a run trains once') },
    training: { status: 'cancelled', attempts: 1 },
  });
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
});

test('a pipeline reset in training passes its cancellation on to the training', async () => {
  const run = await lab.startRun();
  await lab.step(run, 'training_started');
  await lab.resetPipeline(run);
  await lab.awaitsEarlier(run);
  expect(await lab.request('POST', `/pipeline/${run}/cancel`)).toMatchObject({ status: 202 });
  expect(await lab.ended(run)).toMatchObject({
    status: 'cancelled',
    training: { status: 'cancelled', attempts: 1 },
  });
  const attempt = await lab.database.trainingAttempt.findFirst({ where: { training: { run_id: run } } });
  expect(attempt).toMatchObject({ status: 'cancelled' });
  expect((await lab.steps(run)).at(-1)).toMatchObject({ kind: 'summary' });
});

describe('a pipeline that is reset', () => {
  let run: RunId;
  let gate: string;
  beforeAll(async () => {
    gate = join(lab.stack.workspaces, 'gate');
    // Its own training must not keep a run from going on with it.
    const retrain = { environment: { TRAIN_GATE: gate }, cool_down: '1h' };
    await lab.apply({ retrain });
    run = await lab.startRun();
    await lab.step(run, 'training_started');
  });

  test('in training goes on with the training that is under way', async () => {
    await lab.resetPipeline(run);
    await lab.awaitsEarlier(run);
    expect(await countSteps(run, 'training_settled')).toBe(0);
    await writeFile(gate, '');
    await asked(run, 1);
    expect(await lab.step(run, 'training_adopted')).toMatchObject({ payload: { status: 'succeeded' } });
  });

  test('while it waits for approval adopts the training that succeeded, and asks again', async () => {
    const before = (await lab.detail(run)).approval;
    await lab.resetPipeline(run);
    const { approval, training } = await asked(run, 2);
    expect(training).toMatchObject({ status: 'succeeded', attempts: 1 });
    // The same evidence, since nothing outside has moved.
    expect(approval).toMatchObject({ status: 'waiting', evidence_digest: before?.evidence_digest });
    expect(await countSteps(run, 'training_adopted')).toBe(2);
  });

  test('after people approved takes the promotion that is under way for its own, and asks nobody', async () => {
    const champion = lab.temporal.workflow.getHandle(workflowIds.champion(lab.model));
    // Somebody else's lease keeps the promotion waiting.
    const lease = { purpose: 'rollback', holder: workflowIds.champion(lab.model), run_id: run };
    expect(await champion.executeUpdate('acquireLease', { args: [lease] })).toMatchObject({
      status: 'granted',
    });
    expect(await lab.decide(run, 'approve')).toMatchObject({ status: 200 });
    await promotionBegan(run);
    await lab.resetPipeline(run);
    await lab.awaitsEarlier(run);
    await champion.executeUpdate('releaseLease', { args: [{ ...lease, cool_down_until: null }] });

    const detail = await lab.ended(run);
    expect(detail).toMatchObject({
      status: 'completed',
      outcome: 'promoted',
      approval: { status: 'approved' },
      training: { status: 'succeeded', attempts: 1 },
    });
    expect(await lab.championVersion()).toBe(detail.training?.version);
  });

  test('has trained once, promoted once, and its log tells and proves all of it', async () => {
    const once = ['training_intended', 'training_settled', 'promotion_intended', 'promotion_settled'];
    for (const name of [...once, 'promotion_adopted', 'summary']) {
      expect([name, await countSteps(run, name)]).toEqual([name, 1]);
    }
    const steps = await lab.steps(run);
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.filter(({ name }) => name === 'run_opened')).toHaveLength(4);
    expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
  });

  test('after its end changes nothing any more', async () => {
    const before = await lab.detail(run);
    await pipeline(run).result();
    await lab.resetPipeline(run);
    await expect(pipeline(run).result()).rejects.toMatchObject({
      cause: { cause: { type: 'RunFinished' } },
    });
    expect(await lab.detail(run)).toEqual(before);
    expect((await lab.steps(run)).at(-1)).toMatchObject({ kind: 'summary' });
  });
});

async function promotionBegan(run: RunId): Promise<void> {
  const handle = lab.temporal.workflow.getHandle(workflowIds.promotion(run));
  for (;;) {
    const found = await handle.describe().catch(() => null);
    if (found) return;
    await sleep(50);
  }
}
