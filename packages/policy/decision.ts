import type {
  DecisionOverride,
  RetrainingDecision,
  RetrainingProposal,
  Urgency,
  Verdict,
} from '@watchtower/contracts';
import { isAtLeast } from './verdict.ts';

/**
 * The decision of a run: the reasoner's proposal after the rules have had their say. Triggers and whether a
 * retraining is demanded are the verdict's; the urgency is the higher of both; a demanded retraining has a
 * strategy. Everything else stays as proposed: the reasoner may be stricter.
 */
export function decisionOf(verdict: Verdict, proposal: RetrainingProposal): RetrainingDecision {
  const overrides: DecisionOverride[] = [];
  let { urgency, strategy }: { urgency: Urgency; strategy: RetrainingProposal['strategy'] } = proposal;
  if (!isAtLeast(urgency, verdict.urgency)) {
    // The verdict has its reasons in order, the most urgent first.
    const reason = verdict.reasons[0];
    overrides.push({
      field: 'urgency',
      proposed: urgency,
      final: verdict.urgency,
      rule: reason?.rule ?? 'verdict',
      detail: reason?.detail ?? `The verdict's urgency is "${verdict.urgency}".`,
    });
    urgency = verdict.urgency;
  }
  if (verdict.retrain && strategy === 'none') {
    const reason = verdict.reasons.find(({ rule }) => rule.startsWith('retrain_'));
    overrides.push({
      field: 'strategy',
      proposed: strategy,
      final: 'full_retrain',
      rule: reason?.rule ?? 'verdict',
      detail: reason?.detail ?? 'The verdict demands a retraining.',
    });
    strategy = 'full_retrain';
  }
  return { ...proposal, urgency, strategy, retrain: verdict.retrain, triggers: verdict.triggers, overrides };
}
