import { describe, expect, test } from '@jest/globals';
import type { Evidence, Severity } from '@watchtower/contracts';
import fc from 'fast-check';
import { arbitraryEvidence, psi, share } from './testing/arbitrary-run.ts';
import { declined, driftedColumn, quiet } from './testing/evidence.ts';
import { isAtLeast, verdictOf } from './verdict.ts';

const rules = (evidence: Evidence) => verdictOf(evidence).reasons.map(({ rule }) => rule);
const triggers = (evidence: Evidence) =>
  verdictOf(evidence).triggers.map(({ kind, severity }) => `${kind} ${severity}`);
const withDataset = (over: Partial<Evidence['dataset']>): Evidence => ({
  ...quiet,
  dataset: { ...quiet.dataset, ...over },
});

describe('verdictOf', () => {
  test('demands nothing when nothing moved', () => {
    expect(verdictOf(quiet)).toEqual({
      urgency: 'none',
      health: 'healthy',
      retrain: false,
      reasons: [],
      triggers: [],
    });
  });

  test.each([
    [0.24, 'monitor'],
    [0.25, 'immediate'],
  ])('a drifted column with a PSI of %d asks for %s', (value, urgency) => {
    expect(verdictOf({ ...quiet, columns: [driftedColumn('dep_delay', value)] }).urgency).toBe(urgency);
  });

  test('one drifted column with a PSI of 0.25 is enough, whichever it is, and listed or not', () => {
    fc.assert(
      fc.property(fc.array(fc.option(psi), { maxLength: 6 }), fc.option(psi), (psis, max_psi) => {
        const columns = psis.map((value, index) => driftedColumn(`column ${index}`, value));
        const { urgency, reasons } = verdictOf({ ...quiet, columns, max_psi });
        const strongest = Math.max(...psis.map((value) => value ?? 0), max_psi ?? 0);
        expect(urgency === 'immediate').toBe(strongest >= 0.25);
        if (strongest >= 0.25) expect(reasons[0]?.detail).toContain(`PSI ${strongest.toFixed(2)}`);
      }),
    );
  });

  test('a stable column asks for nothing, however large its PSI', () => {
    const columns = [{ ...driftedColumn('dep_delay', 0.9), status: 'ok' as const }];
    expect(verdictOf({ ...quiet, columns })).toMatchObject({ urgency: 'none', triggers: [] });
  });

  test.each([
    ['at_risk', 'monitoring medium'],
    ['critical', 'monitoring high'],
  ] as const)('data whose health is %s ask for soon', (health, trigger) => {
    const evidence = withDataset({ health });
    expect(verdictOf(evidence).urgency).toBe('soon');
    expect(triggers(evidence)).toEqual([trigger]);
  });

  test.each([
    [0.5, 'none', []],
    [0.51, 'soon', ['monitoring medium']],
    [0.75, 'soon', ['monitoring medium']],
    [0.76, 'soon', ['monitoring high']],
  ])('a drift score of %d (10 less ten times that) asks for %s', (score, urgency, expected) => {
    const evidence = withDataset({ score });
    expect(verdictOf(evidence).urgency).toBe(urgency);
    expect(triggers(evidence)).toEqual(expected);
    expect(rules(evidence)).toEqual(expected.length === 0 ? [] : ['monitoring_score']);
  });

  test.each([
    [-0.2, 'none', []],
    [0.0499, 'none', []],
    [0.05, 'soon', ['performance medium']],
    [0.0999, 'soon', ['performance medium']],
    [0.1, 'immediate', ['performance high']],
  ])('a decline of %d asks for %s', (decline, urgency, expected) => {
    const evidence = { ...quiet, performance: declined(decline) };
    expect(verdictOf(evidence).urgency).toBe(urgency);
    expect(triggers(evidence)).toEqual(expected);
    expect(rules(evidence)).toEqual(expected.length === 0 ? [] : ['performance_decline']);
  });

  test('says a decline in words', () => {
    expect(verdictOf({ ...quiet, performance: declined(0.08) }).triggers[0]?.detail).toBe(
      "The champion's roc_auc was 0.7500 when it was promoted and is 0.6900 now: worse by 8.0 %.",
    );
  });

  test.each([
    ['stable', []],
    ['medium', ['drift medium']],
    ['high', ['drift high']],
  ] as const)('drift of worst severity %s', (worst_severity, expected) => {
    expect(triggers({ ...quiet, worst_severity })).toEqual(expected);
  });

  test('a decline alone demands a retraining only where the definition goes by urgency', () => {
    const evidence = { ...quiet, performance: declined(0.2) };
    expect(verdictOf(evidence).retrain).toBe(false);
    expect(verdictOf({ ...evidence, retrain_rule: 'urgency_soon' }).retrain).toBe(true);
  });

  test('names the most urgent reason first', () => {
    const evidence = { ...withDataset({ health: 'at_risk' }), champion: null, performance: declined(0.2) };
    expect(rules(evidence)).toEqual(['performance_decline', 'health', 'champion_missing']);
  });

  test('names a cool-down as the reason why no retraining is demanded', () => {
    const drifted = withDataset({ drift_detected: true });
    expect(verdictOf(drifted).retrain).toBe(true);
    const cooling = { ...drifted, cooling_down_until: '2013-08-02T00:00:00.000Z' };
    expect(verdictOf(cooling).retrain).toBe(false);
    expect(rules(cooling)).toContain('cooling_down');
  });

  test('a definition that never retrains is obeyed', () => {
    const drifted = { ...withDataset({ drift_detected: true }), retrain_rule: 'never' as const };
    expect(verdictOf(drifted).retrain).toBe(false);
    expect(rules(drifted)).toContain('retrain_never');
  });

  const rank: Readonly<Record<Severity, number>> = { stable: 0, medium: 1, high: 2 };

  test('more evidence never gives less urgency, takes no trigger and no demanded retraining back', () => {
    const worsened = fc.record({ psi, score: share, decline: fc.double({ min: 0, max: 2, noNaN: true }) });
    fc.assert(
      fc.property(arbitraryEvidence, worsened, (evidence, more) => {
        const before = verdictOf(evidence);
        const { dataset, performance } = evidence;
        const score = Math.max(dataset.score, more.score);
        const decline = Math.max(performance?.decline ?? -1, more.decline);
        const worse: Evidence[] = [
          { ...evidence, columns: [...evidence.columns, driftedColumn('more', more.psi)] },
          { ...evidence, dataset: { ...dataset, health: 'critical' } },
          { ...evidence, dataset: { ...dataset, drift_detected: true } },
          { ...evidence, dataset: { ...dataset, score } },
          { ...evidence, target: { name: 'late', drifted: true, kl: 1, mean_shift: null, reason: 'more' } },
          { ...evidence, worst_severity: 'high' },
          { ...evidence, performance: declined(decline) },
          { ...evidence, champion: null },
        ];
        for (const each of worse) {
          const after = verdictOf(each);
          expect(isAtLeast(after.urgency, before.urgency)).toBe(true);
          expect(after.retrain || !before.retrain).toBe(true);
          for (const { kind, severity } of before.triggers) {
            const same = after.triggers.find((trigger) => trigger.kind === kind);
            expect(rank[same?.severity ?? 'stable']).toBeGreaterThanOrEqual(rank[severity]);
          }
        }
      }),
    );
  });
});
