import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunId, storedDriftReport } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';

const minutes = 60_000;

describe('a model that drifted', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab('promotion');
    await lab.apply();
    await lab.seedChampion();
  }, 3 * minutes);
  afterAll(() => lab.close(), minutes);

  test(
    'a dry run tells what would be done and changes nothing outside',
    async () => {
      const run = await lab.startRun({ dry_run: true });
      const detail = await lab.ended(run);
      expect(detail).toMatchObject({
        status: 'completed',
        outcome: 'dry_run',
        flags: { drift_detected: true, retrained: false, evaluated: false, promoted: false },
      });
      expect(detail.summary?.summary).toMatch(/would/i);
      expect(await lab.database.training.count({ where: { run_id: run } })).toBe(0);
      expect(await lab.championVersion()).toBe('1');
    },
    2 * minutes,
  );

  test(
    'nothing is done where nothing moved',
    async () => {
      const detail = await lab.ended(await lab.startRun({ data_window_id: 'calm' }));
      expect(detail).toMatchObject({
        status: 'completed',
        outcome: 'no_action',
        urgency: 'none',
        health: 'healthy',
      });
    },
    2 * minutes,
  );

  describe('is retrained, compared, approved and promoted', () => {
    let run: RunId;
    beforeAll(async () => {
      run = await lab.startRun();
      await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
    }, 4 * minutes);

    test('a decision on other evidence is refused with 412', async () => {
      expect(await lab.decide(run, 'approve', 'f'.repeat(64))).toMatchObject({
        status: 412,
        body: { code: 'EvidenceStale', detail: expect.stringContaining('evidence') },
      });
    });

    test('the champion stays until somebody decides', async () => {
      expect(await lab.championVersion()).toBe('1');
      const { training } = await lab.detail(run);
      expect((await lab.request('GET', `/reports/eval/${run}`)).body).toMatchObject({
        report: {
          outcome: 'promote',
          challenger: { version: training?.version, mlflow_run_id: training?.mlflow_run_id },
        },
      });
    });

    test(
      'an approval promotes exactly the evaluated version',
      async () => {
        expect(await lab.decide(run, 'approve')).toMatchObject({
          status: 200,
          body: { decision: 'approve' },
        });
        const detail = await lab.ended(run);
        expect(detail).toMatchObject({
          status: 'completed',
          outcome: 'promoted',
          flags: { drift_detected: true, retrained: true, evaluated: true, promoted: true },
          approval: { status: 'approved', channel: 'api' },
        });
        expect(await lab.championVersion()).toBe(detail.training?.version);
      },
      minutes,
    );

    test('a decision that comes too late is refused with 409', async () => {
      const approval = (await lab.detail(run)).approval;
      expect(await lab.decide(run, 'reject', approval?.evidence_digest)).toMatchObject({
        status: 409,
        body: { code: 'ApprovalNotAwaited' },
      });
    });

    test('its steps have no gap, and the summary is last', async () => {
      const steps = await lab.steps(run);
      expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
      expect(steps.at(-1)).toMatchObject({ kind: 'summary' });
      expect(steps.filter((step) => step.kind === 'summary')).toHaveLength(1);
      const names = steps.map((step) => step.name);
      for (const [before, after] of [
        ['training_intended', 'training_settled'],
        ['training_settled', 'evaluated'],
        ['approval_requested', 'approval_decided'],
        ['approval_decided', 'promotion_intended'],
        ['promotion_intended', 'promotion_settled'],
      ] as const) {
        expect(names.indexOf(before)).toBeLessThan(names.indexOf(after));
      }
    });

    test('its audit log is proved by its hashes and by Temporal’s history', async () => {
      const { body } = await lab.request('GET', `/api/v1/pipeline/${run}/audit`);
      expect(body).toMatchObject({
        ok: true,
        chain: { ok: true },
        history: { ok: true },
        rows: { ok: true },
      });
    });

    test('a step cannot be changed, and where the database was forced to, the proof fails', async () => {
      const change = lab.database
        .$executeRaw`UPDATE steps SET message = 'Nothing happened.' WHERE run_id = ${run}::uuid AND number = 3`;
      await expect(change).rejects.toThrow(/immutable/);
      await lab.database.$transaction([
        lab.database.$executeRaw`ALTER TABLE steps DISABLE TRIGGER USER`,
        lab.database
          .$executeRaw`UPDATE steps SET message = 'Nothing happened.' WHERE run_id = ${run}::uuid AND number = 3`,
        lab.database.$executeRaw`ALTER TABLE steps ENABLE TRIGGER USER`,
      ]);
      const { body } = await lab.request('GET', `/api/v1/pipeline/${run}/audit`);
      expect(body).toMatchObject({ ok: false, chain: { ok: false } });
      expect(JSON.stringify(body)).toContain('step 3 was changed');
    });
  });

  test(
    'a signal decides where the policy asks for no authenticated approver',
    async () => {
      await lab.resetChampion();
      const run = await lab.startRun();
      await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
      const handle = lab.temporal.workflow.getHandle(`pipeline/${run}`);
      await handle.signal('reject', { reason: 'Not on a Friday.', actor: 'ada' });
      const detail = await lab.ended(run);
      expect(detail).toMatchObject({
        status: 'completed',
        outcome: 'rejected',
        approval: { channel: 'signal' },
      });
      expect((await lab.steps(run)).find((step) => step.name === 'approval_decided')?.message).toContain(
        'unverified',
      );
    },
    4 * minutes,
  );

  test(
    'thirty dry runs at once all complete with all their column results',
    async () => {
      const runs = await Promise.all(Array.from({ length: 30 }, () => lab.startRun({ dry_run: true })));
      expect(new Set(runs).size).toBe(30);
      for (const run of runs) {
        expect(await lab.ended(run, 3 * minutes)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
        const { report } = storedDriftReport.parse((await lab.request('GET', `/reports/drift/${run}`)).body);
        expect(report.columns.map((column) => column.name).sort()).toEqual(
          expect.arrayContaining(['colour', 'x1', 'x2', 'x3', 'x4']),
        );
        expect(report.columns.every(({ status }) => status === 'ok' || status === 'drifted')).toBe(true);
        const steps = await lab.steps(run);
        expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
      }
    },
    4 * minutes,
  );
});
