import type { Evidence, Urgency, Verdict } from '@watchtower/contracts';
import {
  declineDetail,
  highDecline,
  lowScore,
  mediumDecline,
  monitoringScore,
  scoreText,
  triggersOf,
} from './triggers.ts';

/**
 * A drifted column with a PSI from here on asks for action at once (the customary "significant change" is
 * 0.25).
 */
export const immediatePsi = 0.25;

const ranks: Readonly<Record<Urgency, number>> = { none: 0, monitor: 1, soon: 2, immediate: 3 };

/** Whether an urgency is at least another. */
export const isAtLeast = (urgency: Urgency, other: Urgency): boolean => ranks[urgency] >= ranks[other];

interface Finding {
  readonly rule: string;
  readonly detail: string;
  readonly urgency: Urgency;
}

/**
 * What the rules make of the evidence; docs/reference/policy.md lists them. More evidence never gives less
 * urgency: every rule can only raise it. Every rule that spoke is named in `reasons`, the most urgent first.
 */
export function verdictOf(evidence: Evidence): Verdict {
  const findings = findingsOf(evidence).toSorted((a, b) => ranks[b.urgency] - ranks[a.urgency]);
  const urgency = findings[0]?.urgency ?? 'none';
  const retraining = retrainingOf(evidence, urgency);
  return {
    urgency,
    health: evidence.dataset.health,
    retrain: retraining.demanded,
    reasons: [...findings, ...retraining.reasons].map(({ rule, detail }) => ({ rule, detail })),
    triggers: triggersOf(evidence),
  };
}

function findingsOf(evidence: Evidence): readonly Finding[] {
  const { dataset, target, performance } = evidence;
  const findings: Finding[] = [];
  const strongest = strongestPsi(evidence);
  if (strongest !== null && strongest.psi >= immediatePsi) {
    findings.push({
      rule: 'psi_immediate',
      urgency: 'immediate',
      detail: `${strongest.name} moved: PSI ${strongest.psi.toFixed(2)}, the limit is ${immediatePsi}.`,
    });
  }
  if (dataset.health !== 'healthy') {
    const detail = `The health of the data is ${dataset.health.replace('_', ' ')}.`;
    findings.push({ rule: 'health', urgency: 'soon', detail });
  }
  const score = monitoringScore(evidence);
  if (score < lowScore) {
    const detail = `The score of the data is ${scoreText(score)} of 10; below ${lowScore} is too low.`;
    findings.push({ rule: 'monitoring_score', urgency: 'soon', detail });
  }
  if (performance !== null && performance.decline >= mediumDecline) {
    const urgency = performance.decline >= highDecline ? 'immediate' : 'soon';
    findings.push({ rule: 'performance_decline', urgency, detail: declineDetail(performance) });
  }
  const drifted = driftedCount(evidence);
  if (dataset.drift_detected) {
    const share = `${Math.round(dataset.drifted_share * 100)} %`;
    const detail = `The dataset as a whole drifted: ${share} of its features did.`;
    findings.push({ rule: 'dataset_drift', urgency: 'soon', detail });
  }
  if (drifted > 0) {
    const detail = `${drifted} ${drifted === 1 ? 'column' : 'columns'} drifted.`;
    findings.push({ rule: 'column_drift', urgency: 'monitor', detail });
  }
  if (target?.drifted === true) {
    const detail = `The target ${target.name} drifted: ${target.reason}`;
    findings.push({ rule: 'target_drift', urgency: 'monitor', detail });
  }
  if (evidence.champion === null) {
    const detail = 'The model has no champion: nothing carries its alias.';
    findings.push({ rule: 'champion_missing', urgency: 'monitor', detail });
  }
  return findings;
}

/** `columns` holds at most 50, so the dataset's count is looked at as well. */
function driftedCount(evidence: Evidence): number {
  const listed = evidence.columns.filter((column) => column.status === 'drifted').length;
  return Math.max(listed, evidence.dataset.features_drifted);
}

function strongestPsi(evidence: Evidence): { readonly name: string; readonly psi: number } | null {
  let strongest = evidence.max_psi === null ? null : { name: 'A column', psi: evidence.max_psi };
  for (const column of evidence.columns) {
    if (column.status !== 'drifted' || column.psi === null) continue;
    if (strongest === null || column.psi >= strongest.psi) strongest = { name: column.name, psi: column.psi };
  }
  return strongest;
}

function retrainingOf(
  evidence: Evidence,
  urgency: Urgency,
): { readonly demanded: boolean; readonly reasons: Verdict['reasons'] } {
  const { retrain_rule: rule, cooling_down_until: until } = evidence;
  if (rule === 'never') {
    const detail = 'The definition leaves retraining to people (retrain.rule is "never").';
    return { demanded: false, reasons: urgency === 'none' ? [] : [{ rule: 'retrain_never', detail }] };
  }
  const wanted = rule === 'dataset_drift' ? evidence.dataset.drift_detected : isAtLeast(urgency, 'soon');
  if (!wanted) return { demanded: false, reasons: [] };
  if (until !== null) {
    const detail = `A retraining is due, but none may start before ${until}: the last one is too recent.`;
    return { demanded: false, reasons: [{ rule: 'cooling_down', detail }] };
  }
  const detail =
    rule === 'dataset_drift'
      ? 'The definition demands a retraining when the dataset drifted.'
      : 'The definition demands a retraining from the urgency "soon" on.';
  return { demanded: true, reasons: [{ rule: `retrain_${rule}`, detail }] };
}

/**
 * Why nothing may be retrained in this run, whatever the reasoner wants: the definition leaves it to people,
 * a cool-down lasts, or nothing moved at all. Null where a retraining is permitted.
 */
export function retrainingBarrier({ retrain, urgency, reasons }: Verdict): string | null {
  if (retrain) return null;
  const barrier = reasons.find(({ rule }) => rule === 'retrain_never' || rule === 'cooling_down');
  if (barrier !== undefined) return barrier.detail;
  return urgency === 'none' ? 'Nothing moved: there is no reason to retrain.' : null;
}
