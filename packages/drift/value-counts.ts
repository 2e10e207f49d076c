import type { ColumnSettings, ColumnStatistics } from '@watchtower/contracts';
import { correctedCramersV } from './chi-square.ts';
import { distinctValues, type ValueCounts } from './distinct-values.ts';
import { homogeneity } from './homogeneity.ts';
import type { ScannedValues } from './kernels/scan-values.ts';
import type { Effect } from './measurement.ts';
import type { Cell } from './population-stability-index.ts';
import { thresholdOf } from './thresholds.ts';

export interface ValueCountComparison {
  readonly chi2: NonNullable<ColumnStatistics['chi2']>;
  readonly effects: readonly Effect[];
  /** A cell for each value of the reference, and one for all that are new. */
  readonly cells: readonly Cell[];
}

/** The current window may bring values the reference never had; beyond this many of them the column is not discrete any more. */
export const mostCurrent = 1000;

/**
 * χ² over the values of a discrete column; null where the current window is not discrete.
 *
 * @param before the reference's values; null where there are more than `mostCurrent`
 */
export function compareValueCounts(
  before: ValueCounts | null,
  current: ScannedValues,
  own: ColumnSettings | undefined,
): ValueCountComparison | null {
  const after = distinctValues(current.finite, mostCurrent);
  if (before === null || after === null) return null;
  const currentCounts = new Map(after.values.map((value, i) => [value, after.counts[i] ?? 0]));
  const known = before.values.map(
    (value, i): Cell => ({
      label: String(value),
      reference: before.counts[i] ?? 0,
      current: currentCounts.get(value) ?? 0,
    }),
  );
  const knownRows = known.reduce((sum, cell) => sum + cell.current, 0);
  const added = current.finite.length - knownRows;
  const cells = added > 0 ? [...known, { label: 'new', reference: 0, current: added }] : known;
  const test = homogeneity(
    cells.map((cell) => cell.reference),
    cells.map((cell) => cell.current),
  );
  const rows = before.counts.reduce((sum, count) => sum + count, 0);
  const value = correctedCramersV(test, rows, current.finite.length);
  return {
    chi2: {
      statistic: test.statistic,
      p_value: test.pValue,
      dof: test.degreesOfFreedom,
      cramers_v: test.cramersV,
    },
    effects: [{ measure: 'cramersV', value, threshold: thresholdOf('cramersV', own) }],
    cells,
  };
}
