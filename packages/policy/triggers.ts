import type { Evidence, Severity, Trigger } from '@watchtower/contracts';

/** From here on a decline of the champion's primary metric is medium, and high: shares of its value at promotion. */
export const mediumDecline = 0.05;
export const highDecline = 0.1;

/** Below this score of 10 the data speak for a retraining; below half of it strongly. */
export const lowScore = 5;
const veryLowScore = 2.5;

/** 10 where nothing moved, 0 where everything did. */
export const monitoringScore = ({ dataset }: Pick<Evidence, 'dataset'>): number => 10 * (1 - dataset.score);

/** What speaks for a retraining, as facts, whatever the definition makes of it. */
export function triggersOf(evidence: Evidence): Trigger[] {
  return [driftTrigger(evidence), monitoringTrigger(evidence), performanceTrigger(evidence)].flatMap(
    (trigger) => trigger ?? [],
  );
}

const rank: Readonly<Record<Severity, number>> = { stable: 0, medium: 1, high: 2 };

/** By the worst severity of a drifted column; `columns` holds at most 50, so the evidence's own is looked at, too. */
function driftTrigger({ worst_severity, columns, dataset }: Evidence): Trigger | null {
  const severity = columns.reduce(
    (worst, column) =>
      column.status === 'drifted' && rank[column.severity] > rank[worst] ? column.severity : worst,
    worst_severity,
  );
  if (severity === 'stable') return null;
  const listed = columns.filter(({ status }) => status === 'drifted').length;
  const drifted = Math.max(listed, dataset.features_drifted);
  const detail = `Drifted columns: ${drifted}; the worst of them is of severity ${severity}.`;
  return { kind: 'drift', severity, detail };
}

/** High where the health is critical or the score below 2.5; medium where it is at risk or the score below 5. */
function monitoringTrigger(evidence: Evidence): Trigger | null {
  const { health } = evidence.dataset;
  const score = monitoringScore(evidence);
  if (health === 'healthy' && score >= lowScore) return null;
  return {
    kind: 'monitoring',
    severity: health === 'critical' || score < veryLowScore ? 'high' : 'medium',
    detail: `The health of the data is ${health.replace('_', ' ')}, their score ${scoreText(score)} of 10.`,
  };
}

function performanceTrigger({ performance }: Evidence): Trigger | null {
  if (performance === null || performance.decline < mediumDecline) return null;
  const severity = performance.decline >= highDecline ? 'high' : 'medium';
  return { kind: 'performance', severity, detail: declineDetail(performance) };
}

/** Cut, not rounded: a score that is below a limit does not read as the limit. */
export const scoreText = (score: number): string => (Math.floor(score * 100 + 1e-9) / 100).toFixed(2);

export const declineDetail = ({
  metric,
  at_promotion,
  latest,
  decline,
}: NonNullable<Evidence['performance']>): string =>
  `The champion's ${metric} was ${at_promotion.toFixed(4)} when it was promoted and is ${latest.toFixed(4)}` +
  ` now: worse by ${(Math.floor(decline * 1000 + 1e-9) / 10).toFixed(1)} %.`;
