import { describe, expect, test } from '@jest/globals';
import { retrainingDecision } from '@watchtower/contracts';
import fc from 'fast-check';
import { decisionOf } from './decision.ts';
import { arbitraryEvidence } from './testing/arbitrary-run.ts';
import { drifted, quiet } from './testing/evidence.ts';
import { proposal } from './testing/states.ts';
import { isAtLeast, verdictOf } from './verdict.ts';

describe('decisionOf', () => {
  test('takes a proposal that is strict enough as it is', () => {
    const verdict = verdictOf(drifted);
    const decision = decisionOf(verdict, proposal);
    expect(decision).toEqual({ ...proposal, retrain: true, triggers: verdict.triggers, overrides: [] });
  });

  test('lists what the rules changed, with the rule that demands it', () => {
    const soft = { ...proposal, urgency: 'monitor', strategy: 'none' } as const;
    const decision = decisionOf(verdictOf(drifted), soft);
    expect(decision).toMatchObject({ urgency: 'immediate', strategy: 'full_retrain' });
    expect(decision.overrides).toEqual([
      {
        field: 'urgency',
        proposed: 'monitor',
        final: 'immediate',
        rule: 'psi_immediate',
        detail: expect.stringContaining('dep_delay moved: PSI 1.30'),
      },
      {
        field: 'strategy',
        proposed: 'none',
        final: 'full_retrain',
        rule: 'retrain_dataset_drift',
        detail: 'The definition demands a retraining when the dataset drifted.',
      },
    ]);
  });

  test('lets a reasoner be stricter than the verdict', () => {
    const decision = decisionOf(verdictOf(quiet), proposal);
    expect(decision).toMatchObject({ urgency: 'immediate', retrain: false, overrides: [] });
  });

  const urgencies = fc.constantFrom(
    'none' as const,
    'monitor' as const,
    'soon' as const,
    'immediate' as const,
  );
  const strategies = fc.constantFrom('none' as const, 'fine_tune' as const, 'ensemble' as const);

  test('is never softer than the verdict or the proposal, and names every change', () => {
    fc.assert(
      fc.property(arbitraryEvidence, urgencies, strategies, (evidence, urgency, strategy) => {
        const verdict = verdictOf(evidence);
        const decision = retrainingDecision.parse(decisionOf(verdict, { ...proposal, urgency, strategy }));
        expect(isAtLeast(decision.urgency, verdict.urgency)).toBe(true);
        expect(isAtLeast(decision.urgency, urgency)).toBe(true);
        if (verdict.retrain) expect(decision.strategy).not.toBe('none');
        const changed = [
          ...(decision.urgency === urgency ? [] : ['urgency']),
          ...(decision.strategy === strategy ? [] : ['strategy']),
        ];
        expect(decision.overrides.map(({ field }) => field)).toEqual(changed);
        for (const { rule } of decision.overrides) {
          expect(verdict.reasons.map((reason) => reason.rule)).toContain(rule);
        }
      }),
    );
  });
});
