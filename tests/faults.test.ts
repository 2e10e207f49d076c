import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunDetail, RunId } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';
import { mlflowRunsOf } from './mlflow-runs.ts';

const minutes = 60_000;

describe('whatever dies, the run goes on', () => {
  let lab: Lab;
  /** A file without which no training comes to its end: whatever happens meanwhile happens in the middle of it. */
  let gate: string;
  beforeAll(async () => {
    lab = await openLab('faults');
    gate = join(lab.stack.workspaces, 'gate');
    await lab.apply({ retrain: { environment: { TRAIN_GATE: gate } } });
    await lab.seedChampion();
  }, 3 * minutes);
  beforeEach(async () => {
    await rm(gate, { force: true });
    await lab.resetChampion();
  });
  afterAll(() => lab.close(), minutes);

  const killWorker = async () => {
    await lab.worker.kill('SIGKILL');
    await lab.restartWorker();
  };

  /** One training adopted, one promotion in effect, steps without a gap, one MLflow run. */
  async function expectWhole(run: RunId, detail: RunDetail): Promise<void> {
    expect(detail).toMatchObject({ status: 'completed', outcome: 'promoted' });
    const steps = await lab.steps(run);
    expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
    const count = (name: string) => steps.filter((step) => step.name === name).length;
    for (const once of [
      'training_intended',
      'training_settled',
      'evaluated',
      'promotion_intended',
      'promotion_settled',
      'summary',
    ]) {
      expect([once, count(once)]).toEqual([once, 1]);
    }
    const training = await lab.database.training.findUniqueOrThrow({
      where: { run_id: run },
      include: { attempts: true },
    });
    expect(training).toMatchObject({ status: 'succeeded', version: detail.training?.version });
    expect(training.attempts.filter((attempt) => attempt.number === training.adopted_attempt)).toHaveLength(
      1,
    );
    expect(await mlflowRunsOf(lab.stack.mlflow, training.id)).toHaveLength(1);
    expect(await lab.championVersion()).toBe(training.version);
    expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
  }

  test(
    'kill -9 of the worker in the middle of training, in the middle of evaluation, and while it waits for approval',
    async () => {
      const run = await lab.startRun();
      await lab.step(run, 'training_started');
      await killWorker();
      await writeFile(gate, '');
      await lab.step(run, 'training_settled');
      await pendingActivity(lab, run, 'scoreModel');
      await killWorker();
      await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
      await killWorker();
      await lab.decide(run, 'approve');
      await expectWhole(run, await lab.ended(run));
      const attempts = await lab.database.trainingAttempt.count({
        where: { training_id: `training-${run}` },
      });
      expect(attempts).toBe(1);
    },
    5 * minutes,
  );

  test(
    'kill -9 of the gateway between accepting and starting a run',
    async () => {
      // A Temporal address nobody listens on: the row is written, starting hangs, the gateway is killed.
      const unlucky = await lab.stack.startGateway({ TEMPORAL_ADDRESS: '127.0.0.1:9' }).catch(() => null);
      expect(unlucky).not.toBeNull();
      const request = fetch(`${unlucky?.url}/pipeline/run`, {
        method: 'POST',
        headers: { 'x-api-key': lab.stack.apiKey, 'content-type': 'application/json' },
        body: JSON.stringify({ model: lab.model, dry_run: true }),
      }).catch(() => null);
      let row = null;
      while (row === null) {
        await sleep(20);
        row = await lab.database.run.findFirst({ where: { status: 'accepted' } });
      }
      await unlucky?.kill('SIGKILL');
      await request;
      expect(await lab.ended(row.id as RunId)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
    },
    3 * minutes,
  );

  test(
    'a workflow terminated from outside: its training is stopped and its row closed within a minute',
    async () => {
      const run = await lab.startRun();
      await lab.step(run, 'training_started');
      await lab.temporal.workflow.getHandle(`pipeline/${run}`).terminate('somebody pressed the button');
      const detail = await lab.ended(run, minutes);
      expect(detail).toMatchObject({ status: 'failed', failure: { code: 'WorkflowTerminated' } });
      expect(await lab.database.training.findUnique({ where: { run_id: run } })).toMatchObject({
        status: 'cancelled',
      });
      const steps = await lab.steps(run);
      expect(steps.slice(-2).map(({ name }) => name)).toEqual(['run_closed', 'summary']);
      expect(detail.summary).toMatchObject({
        reasoner: 'policy',
        headline: expect.stringContaining('was terminated from outside'),
        facts: expect.stringContaining('The retraining did not succeed: The run was cancelled.'),
      });
      expect(steps.at(-1)?.payload).toMatchObject({ status: 'failed', cites: detail.summary?.cites });
      expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
    },
    2 * minutes,
  );

  test(
    'a second training while one holds the lease is refused, and that run ends with its report',
    async () => {
      const first = await lab.startRun();
      await lab.step(first, 'training_started');
      const second = await lab.startRun();
      expect(await lab.ended(second)).toMatchObject({ status: 'completed', outcome: 'refused' });
      expect((await lab.request('GET', `/reports/drift/${second}`)).status).toBe(200);
      expect((await lab.steps(second)).find((step) => step.name === 'training_refused')?.message).toContain(
        first,
      );
      expect((await lab.request('POST', `/pipeline/${first}/cancel`)).status).toBe(202);
      expect(await lab.ended(first)).toMatchObject({ status: 'cancelled' });
      expect((await lab.steps(first)).at(-1)).toMatchObject({ kind: 'summary' });
    },
    4 * minutes,
  );
});

/** Waits until Temporal shows this activity of the run's pipeline as started. */
async function pendingActivity(lab: Lab, run: RunId, name: string): Promise<void> {
  for (;;) {
    const { raw } = await lab.temporal.workflow.getHandle(`pipeline/${run}`).describe();
    const started = raw.pendingActivities?.some(
      (activity) => activity.activityType?.name === name && activity.state === 2,
    );
    if (started) return;
    await sleep(50);
  }
}
