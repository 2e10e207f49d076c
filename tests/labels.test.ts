import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { withDuckDb } from '@watchtower/activities/data/duckdb';
import { exportRows } from '@watchtower/activities/data/index';
import {
  definitionInput,
  type JsonObject,
  type RunId,
  resolveDefinition,
  storedEvaluation,
} from '@watchtower/contracts';
import { type Lab, openLab, syntheticDefinition } from './lab.ts';

const minutes = 60_000;
jest.setTimeout(5 * minutes);

/** Where the definition of these tests splits its current window. */
const split = '2026-04-15';
const minimum_rows = 200;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('labels');
  const definition = resolveDefinition(definitionInput.parse(syntheticDefinition('labels', {})), {
    task: 'binary_classification',
    shareThreshold: 0.2,
    minImprovement: 0.005,
  });
  const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-05-01T00:00:00.000Z' };
  await exportRows(definition, window, file('all'), { labelledOnly: true });
  await lab.apply();
  await lab.seedChampion();
});
beforeEach(() => lab.resetChampion());
afterAll(() => lab?.close());

const file = (name: string): string => join(lab.stack.workspaces, `${name}.parquet`);

/** Puts the rows into the model's file, those from the split on with a label (or at all) only where this says so. */
async function deliver(what: { readonly labelledIf: string } | { readonly thereIf: string }): Promise<void> {
  const late = `time >= TIMESTAMPTZ '${split}'`;
  const select =
    'labelledIf' in what
      ? `SELECT * REPLACE (CASE WHEN ${late} AND NOT (${what.labelledIf}) THEN NULL ELSE y END AS y)`
      : 'SELECT *';
  const where = 'thereIf' in what ? `WHERE NOT (${late}) OR (${what.thereIf})` : '';
  await withDuckDb((connection) =>
    connection.run(`COPY (${select} FROM '${file('all')}' ${where}) TO '${file('aside')}' (FORMAT parquet)`),
  );
  await rename(file('aside'), file('rows'));
}

async function startWaiting(labels_deadline: string, evaluate: JsonObject = {}): Promise<RunId> {
  await lab.apply({
    data: { source: { type: 'files', path: file('rows') } },
    retrain: { export_data: true },
    evaluate: { minimum_rows, labels_deadline, ...evaluate },
  });
  return lab.startRun();
}

async function evaluationOf(run: RunId) {
  return storedEvaluation.parse((await lab.request('GET', `/reports/eval/${run}`)).body).report;
}

/** Nothing was trained or evaluated twice, no step is missing, and the audit log is proved. */
async function expectProof(run: RunId): Promise<void> {
  const steps = await lab.steps(run);
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
  for (const name of ['awaiting_labels', 'training_settled']) {
    expect(steps.filter((step) => step.name === name)).toHaveLength(1);
  }
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
}

describe('labels that are not there yet', () => {
  test('are waited for, the run says so, and when they arrive the models are compared', async () => {
    await deliver({ labelledIf: 'false' });
    const run = await startWaiting('3m');
    const waiting = await lab.step(run, 'awaiting_labels');
    expect(waiting).toMatchObject({
      kind: 'status',
      message: expect.stringMatching(
        /^0 of the held-out rows have a label, 200 are needed; waiting until 20/,
      ),
      payload: { rows: 0, minimum_rows, deadline: expect.any(String) },
    });
    expect(waiting.payload.unlabelled).toBeGreaterThan(minimum_rows);
    expect(await lab.detail(run)).toMatchObject({
      status: 'running',
      latest_step: { name: 'awaiting_labels', number: waiting.number, message: waiting.message },
      flags: { retrained: true, evaluated: false },
      waiting_on: [],
    });

    await lab.worker.kill('SIGKILL');
    await deliver({ labelledIf: 'true' });
    await lab.restartWorker();
    const arrived = await lab.step(run, 'labels_arrived', minutes);
    expect(Date.parse(arrived.at)).toBeLessThan(Date.parse(waiting.at) + 3 * minutes);
    await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
    expect(await evaluationOf(run)).toMatchObject({
      outcome: 'promote',
      rows: waiting.payload.unlabelled,
      window: { from: `${split}T00:00:00.000Z` },
    });
    await lab.decide(run, 'approve');
    expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'promoted' });
    await expectProof(run);
  });

  test('are waited for where their rows come with them', async () => {
    await deliver({ thereIf: 'false' });
    const run = await startWaiting('3m');
    expect(await lab.step(run, 'awaiting_labels')).toMatchObject({ payload: { rows: 0, unlabelled: 0 } });
    await deliver({ thereIf: 'true' });
    await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
    await lab.decide(run, 'reject');
    expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'rejected' });
    await expectProof(run);
  });

  test('that never arrive keep the champion when the deadline passes', async () => {
    await deliver({ labelledIf: 'false' });
    const run = await startWaiting('6s');
    expect(await lab.ended(run)).toMatchObject({
      status: 'completed',
      outcome: 'kept',
      evaluation_outcome: 'keep',
      approval: null,
      flags: { retrained: true, evaluated: true, promoted: false },
    });
    const missed = await lab.step(run, 'labels_missed');
    expect(missed).toMatchObject({
      kind: 'status',
      message: expect.stringMatching(/The deadline has passed, and 0 /),
    });
    const report = await evaluationOf(run);
    expect(report.rows).toBe(0);
    expect(report.gates.find(({ name }) => name === 'sample_size')).toMatchObject({
      status: 'failed',
      value: 0,
    });
    expect(await lab.championVersion()).toBe('1');
    await expectProof(run);
  });

  test('of which too few have arrived by the deadline leave it to people', async () => {
    await deliver({ labelledIf: `time < TIMESTAMPTZ '${split}' + INTERVAL 1 DAY` });
    const run = await startWaiting('6s');
    await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
    const report = await evaluationOf(run);
    expect(report.outcome).toBe('inconclusive');
    expect(report.rows).toBeGreaterThan(0);
    expect(report.rows).toBeLessThan(minimum_rows);
    expect(report.reason).toMatch(/labelled rows were held out; 200 are needed/);
    await lab.decide(run, 'reject');
    expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'rejected' });
    await expectProof(run);
  });

  test('are not waited for by a run that is cancelled', async () => {
    await deliver({ labelledIf: 'false' });
    const run = await startWaiting('1h');
    await lab.step(run, 'awaiting_labels');
    expect((await lab.request('POST', `/pipeline/${run}/cancel`)).status).toBe(202);
    expect(await lab.ended(run, 20_000)).toMatchObject({ status: 'cancelled', flags: { evaluated: false } });
    expect(await lab.championVersion()).toBe('1');
    await expectProof(run);
  });
});
