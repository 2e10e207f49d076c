import type { ColumnReport, DriftReport, Severity } from '@watchtower/contracts';
import type { DriftSummary } from '../interfaces/drift.ts';

/** A workflow carries this many columns; the report has all of them. */
const mostColumns = 50;
/**
 * Characters of a name or a reason: whoever writes the data names the columns, and what a workflow carries goes into
 * Temporal's history and every request. Longer than the names that tools take, so that a cut one is nobody else's.
 */
const longestText = 300;

const rank: Readonly<Record<Severity, number>> = { high: 2, medium: 1, stable: 0 };

/**
 * What a workflow is told of a stored report: drifted columns first, the most severe and farthest moved
 * ahead.
 */
export function summarise(report: DriftReport, reportDigest: DriftSummary['report_digest']): DriftSummary {
  const drifted = report.columns.filter((column) => column.status === 'drifted');
  const psis = drifted.flatMap((column) => column.statistics.psi?.value ?? []);
  return {
    report_digest: reportDigest,
    dataset: report.dataset,
    columns: [...report.columns].sort(bySeverity).slice(0, mostColumns).map(evidenceOf),
    target: report.target && { ...report.target, ...clipped(report.target) },
    worst_severity: drifted.reduce<Severity>(
      (worst, column) => (rank[column.severity] > rank[worst] ? column.severity : worst),
      'stable',
    ),
    max_psi: psis.length === 0 ? null : Math.max(...psis),
  };
}

/** Drifted columns first, the most severe and farthest moved ahead. */
export const bySeverity = (a: ColumnReport, b: ColumnReport): number =>
  Number(b.status === 'drifted') - Number(a.status === 'drifted') ||
  rank[b.severity] - rank[a.severity] ||
  (b.statistics.psi?.corrected ?? 0) - (a.statistics.psi?.corrected ?? 0) ||
  (a.name < b.name ? -1 : 1);

function evidenceOf({ name, type, status, severity, reason, statistics }: ColumnReport) {
  const effect = statistics.ks?.statistic ?? statistics.chi2?.cramers_v ?? null;
  return { ...clipped({ name, reason }), type, status, severity, psi: statistics.psi?.value ?? null, effect };
}

const clipped = ({ name, reason }: { readonly name: string; readonly reason: string }) => ({
  name: shown(name, longestText),
  reason: shown(reason, 4 * longestText),
});

const shown = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
