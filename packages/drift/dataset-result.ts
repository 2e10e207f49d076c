import type { DatasetReport, Health, TargetReport } from '@watchtower/contracts';
import type { JudgedColumn } from './judge-columns.ts';

/** Weights of the score: how many features moved, how far on average, and how far the farthest did. */
const weights = { share: 0.5, mean: 0.3, farthest: 0.2 } as const;

/** The features' results in one; columns of other roles are reported and not counted. */
export function datasetResult(input: {
  readonly columns: readonly JudgedColumn[];
  readonly target: TargetReport | null;
  readonly rows: { readonly reference: number; readonly current: number };
  readonly shareThreshold: number;
}): DatasetReport {
  const features = input.columns.filter(
    ({ report }) => report.role === 'feature' && (report.status === 'ok' || report.status === 'drifted'),
  );
  const drifted = features.filter(({ report }) => report.status === 'drifted');
  const share = features.length === 0 ? 0 : drifted.length / features.length;
  const movements = features.map(({ movement }) => movement);
  const mean = movements.reduce((sum, movement) => sum + movement, 0) / Math.max(1, movements.length);
  const farthest = movements.reduce((largest, movement) => Math.max(largest, movement), 0);
  const score = Math.min(1, weights.share * share + weights.mean * mean + weights.farthest * farthest);
  const driftDetected = share > input.shareThreshold;
  const severe = drifted.some(({ report }) => report.severity === 'high');
  return {
    rows_reference: input.rows.reference,
    rows_current: input.rows.current,
    columns: input.columns.filter(({ report }) => report.role !== 'identifier').length,
    features_drifted: drifted.length,
    drifted_share: share,
    drift_detected: driftDetected,
    score,
    health: healthOf({ driftDetected, score, severe, targetDrifted: input.target?.drifted ?? false }),
  };
}

function healthOf(signs: {
  readonly driftDetected: boolean;
  readonly score: number;
  readonly severe: boolean;
  readonly targetDrifted: boolean;
}): Health {
  if (signs.driftDetected && signs.score >= 0.5) return 'critical';
  return signs.driftDetected || signs.severe || signs.targetDrifted ? 'at_risk' : 'healthy';
}
