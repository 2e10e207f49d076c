import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { storedDriftReport } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('dry-runs');
  await lab.apply();
}, 60_000);
afterAll(() => lab.close(), 60_000);

test('thirty dry runs at once all complete with all their column results', async () => {
  const runs = await Promise.all(Array.from({ length: 30 }, () => lab.startRun({ dry_run: true })));
  expect(new Set(runs).size).toBe(30);
  for (const run of runs) {
    expect(await lab.ended(run, 180_000)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
    const { report } = storedDriftReport.parse((await lab.request('GET', `/reports/drift/${run}`)).body);
    expect(report.columns.map((column) => column.name).sort()).toEqual(
      expect.arrayContaining(['colour', 'x1', 'x2', 'x3', 'x4']),
    );
    expect(report.columns.every((column) => column.status === 'ok' || column.status === 'drifted')).toBe(
      true,
    );
    const steps = await lab.steps(run);
    expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
  }
}, 240_000);
