import { describe, expect, test } from '@jest/globals';
import { type Evidence, evidence as evidenceSchema } from '@watchtower/contracts';
import fc from 'fast-check';
import { isAtLeast, verdictOf } from './verdict.ts';

const quiet: Evidence = evidenceSchema.parse({
  run_id: '018f3c1e-0000-7000-8000-000000000001',
  model: 'flights',
  task: 'binary_classification',
  dry_run: false,
  reference_window: { from: '2013-01-01T00:00:00.000Z', to: '2013-04-01T00:00:00.000Z' },
  current_window: { from: '2013-04-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' },
  champion: {
    registered_model: 'flights',
    version: '1',
    mlflow_run_id: null,
    source: 'models:/m-1',
    training_window: null,
  },
  cooling_down_until: null,
  dataset: {
    rows_reference: 1000,
    rows_current: 1000,
    columns: 4,
    features_drifted: 0,
    drifted_share: 0,
    drift_detected: false,
    score: 0,
    health: 'healthy',
  },
  columns: [],
  target: null,
  worst_severity: 'stable',
  max_psi: null,
  retrain_rule: 'dataset_drift',
});
const column = (psi: number): Evidence['columns'][number] => ({
  name: 'dep_delay',
  type: 'numeric',
  status: 'drifted',
  severity: 'high',
  reason: 'its values are higher',
  psi,
  effect: null,
});
const rules = (evidence: Evidence) => verdictOf(evidence).reasons.map(({ rule }) => rule);

describe('verdictOf', () => {
  test('demands nothing when nothing moved', () => {
    expect(verdictOf(quiet)).toEqual({ urgency: 'none', health: 'healthy', retrain: false, reasons: [] });
  });

  test.each([
    [0.24, 'monitor'],
    [0.25, 'immediate'],
  ])('a drifted column with a PSI of %d asks for %s', (psi, urgency) => {
    expect(verdictOf({ ...quiet, columns: [column(psi)] }).urgency).toBe(urgency);
  });

  test('a stable column asks for nothing, however large its PSI', () => {
    expect(verdictOf({ ...quiet, columns: [{ ...column(0.9), status: 'ok' }] }).urgency).toBe('none');
  });

  test('names a cool-down as the reason why no retraining is demanded', () => {
    const drifted = { ...quiet, dataset: { ...quiet.dataset, drift_detected: true } };
    expect(verdictOf(drifted).retrain).toBe(true);
    const cooling = { ...drifted, cooling_down_until: '2013-08-02T00:00:00.000Z' };
    expect(verdictOf(cooling).retrain).toBe(false);
    expect(rules(cooling)).toContain('cooling_down');
  });

  test('a definition that never retrains is obeyed', () => {
    const drifted = {
      ...quiet,
      retrain_rule: 'never' as const,
      dataset: { ...quiet.dataset, drift_detected: true },
    };
    expect(verdictOf(drifted).retrain).toBe(false);
    expect(rules(drifted)).toContain('retrain_never');
  });

  const arbitraryEvidence = fc.record({
    psis: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    health: fc.constantFrom('healthy' as const, 'at_risk' as const, 'critical' as const),
    drift_detected: fc.boolean(),
    target: fc.boolean(),
    retrain_rule: fc.constantFrom('dataset_drift' as const, 'urgency_soon' as const, 'never' as const),
  });
  const evidenceOf = (
    drawn: typeof arbitraryEvidence extends fc.Arbitrary<infer T> ? T : never,
  ): Evidence => ({
    ...quiet,
    columns: drawn.psis.map(column),
    dataset: { ...quiet.dataset, health: drawn.health, drift_detected: drawn.drift_detected },
    target: drawn.target
      ? { name: 'late', drifted: true, kl: 0.2, mean_shift: null, reason: 'it happens more often' }
      : null,
    retrain_rule: drawn.retrain_rule,
  });

  test('more drift never gives less urgency and never takes a demanded retraining back', () => {
    fc.assert(
      fc.property(arbitraryEvidence, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, psi) => {
        const before = verdictOf(evidenceOf(drawn));
        const worse = [
          { ...drawn, psis: [...drawn.psis, psi] },
          { ...drawn, health: 'critical' as const },
          { ...drawn, drift_detected: true },
          { ...drawn, target: true },
        ];
        for (const more of worse) {
          const after = verdictOf(evidenceOf(more));
          expect(isAtLeast(after.urgency, before.urgency)).toBe(true);
          expect(after.retrain || !before.retrain).toBe(true);
        }
      }),
    );
  });
});
