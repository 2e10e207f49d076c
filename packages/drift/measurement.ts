import type { ColumnReport, ColumnRole, ColumnStatistics, ColumnType } from '@watchtower/contracts';
import type { Measure, Threshold } from './thresholds.ts';

/** A size of change beside the size from which it matters. */
export interface Effect {
  readonly measure: Measure;
  /** Corrected for what chance alone adds, where that is known. */
  readonly value: number;
  readonly threshold: Threshold;
}

/** One question asked of a column: a test of whether something changed, and effects that say how much. */
export interface Facet {
  readonly kind: 'values' | 'missing' | 'infinite' | 'new_categories' | 'vanished_categories';
  readonly pValue: number;
  readonly effects: readonly Effect[];
}

export interface TargetMeasurement {
  /** KL(current ‖ reference) in nats over the classes; null for numbers. */
  readonly kl: number | null;
  /** |Δmean| / standard deviation of the reference; null for classes, and where it is not a number. */
  readonly meanShift: number | null;
}

export interface Obstacle {
  /** `ok` for a column that is not meant to be compared: it names rows. */
  readonly status: 'ok' | 'insufficient_data' | 'error';
  readonly reason: string;
  readonly rowsNeeded?: number;
}

/** What was computed for one column, before it is judged together with the others. */
export interface Measurement {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: ColumnRole;
  readonly facets: readonly Facet[];
  /** Set where the values could not be compared: the status if no facet drifted. */
  readonly obstacle: Obstacle | null;
  readonly statistics: ColumnStatistics;
  readonly missing: ColumnReport['missing'];
  readonly infinite?: ColumnReport['infinite'];
  readonly newCategories: readonly string[];
  readonly vanishedCategories: readonly string[];
  /** Of a target: what its sheet says beside the column. */
  readonly target?: TargetMeasurement | undefined;
  readonly bins: ColumnReport['bins'];
}

/** The drift report keeps this many cells of a column, those that moved most. */
const mostBins = 30;

export function strongestBins(bins: ColumnReport['bins']): ColumnReport['bins'] {
  if (bins.length <= mostBins) return bins;
  const bound = bins.map((bin) => Math.abs(bin.psi)).sort((a, b) => b - a)[mostBins - 1] ?? 0;
  return bins.filter((bin) => Math.abs(bin.psi) >= bound).slice(0, mostBins);
}
