import type { ColumnReport } from '@watchtower/contracts';

const severities = { high: 0, medium: 1, stable: 2 } as const;
const statuses = { drifted: 0, error: 1, insufficient_data: 2, ok: 3 } as const;

/** Drifted columns first, the most severe and farthest moved ahead; then what could not be judged; then the others. */
export const ranked = (columns: readonly ColumnReport[]): readonly ColumnReport[] =>
  [...columns].sort(
    (a, b) =>
      statuses[a.status] - statuses[b.status] ||
      severities[a.severity] - severities[b.severity] ||
      movement(b) - movement(a) ||
      (a.name < b.name ? -1 : 1),
  );

/** The largest of a column's effects over what counts as high: only for the order of columns. */
const movement = ({ statistics: { ks, psi, chi2 }, missing }: ColumnReport): number =>
  Math.max(
    (ks?.statistic ?? 0) / 0.3,
    (psi?.corrected ?? 0) / 0.25,
    (chi2?.cramers_v ?? 0) / 0.3,
    Math.abs(missing.current - missing.reference) / 0.2,
  );
