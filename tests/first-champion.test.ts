import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { storedEvaluation } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';

const minutes = 60_000;
jest.setTimeout(4 * minutes);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('first-champion', async () => ({ MLFLOW_UI_URL: 'https://mlflow.example.org/' }));
});
afterAll(() => lab?.close());

test('a first challenger that is worse than a guess becomes no champion', async () => {
  // What it learns from ends two days after the world has turned round: the held-out rows are all of the new one.
  await lab.apply({
    retrain: { hyperparameters: { half_life_days: 1_000 } },
    evaluate: { split: { at: '2026-03-03' } },
  });
  const run = await lab.startRun();
  expect(await lab.ended(run)).toMatchObject({
    status: 'completed',
    outcome: 'kept',
    evaluation_outcome: 'keep',
    approval: null,
    flags: { retrained: true, promoted: false },
  });
  const { report } = storedEvaluation.parse((await lab.request('GET', `/reports/eval/${run}`)).body);
  expect(report.champion).toBeNull();
  expect(report.gates.find(({ name }) => name === 'first_champion')).toMatchObject({ status: 'failed' });
  expect(await lab.championVersion()).toBeNull();
});

test('one that is better than a guess by luck alone does not pass the gate, and under `never` nobody is asked', async () => {
  // The colour says nothing of the target, and on these rows a model of it happens to do better than none.
  await lab.apply({ retrain: { feature_subset: ['colour'] }, approval: { required: 'never' } });
  const run = await lab.startRun();
  expect(await lab.ended(run)).toMatchObject({
    status: 'completed',
    outcome: 'kept',
    evaluation_outcome: 'inconclusive',
    approval: null,
    flags: { retrained: true, promoted: false },
  });
  const { report } = storedEvaluation.parse((await lab.request('GET', `/reports/eval/${run}`)).body);
  const gate = report.gates.find(({ name }) => name === 'first_champion');
  expect(gate).toMatchObject({
    status: 'inconclusive',
    threshold: 0.5,
    reason: expect.stringMatching(/Of 1000 shuffles of its predictions.* not to be told from chance/),
  });
  expect(gate?.value).toBeGreaterThan(0.5);
  expect(await lab.championVersion()).toBeNull();
});

test('one that passes the gate is shown to people, and becomes the champion when they approve', async () => {
  await lab.apply();
  const run = await lab.startRun();
  const waiting = await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
  expect((await lab.steps(run)).find(({ name }) => name === 'champion_read')?.message).toMatch(
    /first-champion has no champion yet/,
  );
  const { report } = storedEvaluation.parse((await lab.request('GET', `/reports/eval/${run}`)).body);
  expect(report).toMatchObject({ champion: null, improvement: null, outcome: 'promote' });
  expect(report.gates.find(({ name }) => name === 'first_champion')).toMatchObject({
    status: 'passed',
    metric: 'roc_auc',
    threshold: 0.5,
    reason: expect.stringMatching(
      /There is no champion to beat.* 0 did as well.* It has skill, beyond chance/,
    ),
  });
  expect(await lab.championVersion()).toBeNull();

  expect(await lab.decide(run, 'approve')).toMatchObject({ status: 200 });
  expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'promoted' });
  expect(await lab.championVersion()).toBe(waiting.training?.version);
  expect(await lab.database.promotion.findUnique({ where: { run_id: run } })).toMatchObject({
    status: 'promoted',
    version: waiting.training?.version,
    previous_version: null,
  });
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });

  // Links are for people, who reach MLflow elsewhere than worker and gateway do.
  const page = `https://mlflow.example.org/#/runs/${waiting.training?.mlflow_run_id}`;
  expect((await lab.step(run, 'training_intended')).payload).toMatchObject({ mlflow_url: page });
  expect(waiting).toMatchObject({ training: { mlflow_url: page }, links: { mlflow: page } });
});

test('the next run compares with it, on the window it was trained on', async () => {
  const run = await lab.startRun({ dry_run: true });
  await lab.ended(run);
  const read = (await lab.steps(run)).find(({ name }) => name === 'champion_read');
  expect(read?.payload).toMatchObject({
    champion: {
      version: await lab.championVersion(),
      training_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-04-15T00:00:00.000Z' },
    },
  });
});
