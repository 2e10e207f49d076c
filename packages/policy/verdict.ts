import type { Evidence, Urgency, Verdict } from '@watchtower/contracts';

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
 * What the rules make of the evidence; docs/reference/policy.md lists them. More drift never gives less
 * urgency: every rule can only raise it, and every rule that spoke is named in `reasons`.
 */
export function verdictOf(evidence: Evidence): Verdict {
  const findings = findingsOf(evidence);
  const urgency = findings.reduce<Urgency>(
    (highest, finding) => (isAtLeast(finding.urgency, highest) ? finding.urgency : highest),
    'none',
  );
  const retraining = retrainingOf(evidence, urgency);
  return {
    urgency,
    health: evidence.dataset.health,
    retrain: retraining.demanded,
    reasons: [...findings, ...retraining.reasons].map(({ rule, detail }) => ({ rule, detail })),
  };
}

function findingsOf(evidence: Evidence): readonly Finding[] {
  const { dataset, target } = evidence;
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
