import type { ColumnSettings } from '@watchtower/contracts';

/**
 * From `material` on an effect is worth acting on, from `high` on it makes a drifted column's severity
 * `high`.
 */
export interface Threshold {
  readonly material: number;
  readonly high: number;
}

/**
 * Severity thresholds of a column's settings override `high`; what is material is the same for all columns.
 */
export const thresholds = {
  ks: { material: 0.1, high: 0.3 },
  psi: { material: 0.1, high: 0.25 },
  js: { material: 0.1, high: 0.2 },
  cramersV: { material: 0.1, high: 0.3 },
  missing: { material: 0.03, high: 0.2 },
  infinite: { material: 0.03, high: 0.2 },
  newCategories: { material: 0.02, high: 0.2 },
  vanishedCategories: { material: 0.02, high: 0.2 },
} as const satisfies Record<string, Threshold>;

/** The effects there are. */
export type Measure = keyof typeof thresholds;

/** @param settings of the column, whose `high` goes before the default */
export function thresholdOf(measure: Measure, settings: ColumnSettings | undefined): Threshold {
  const { material, high } = thresholds[measure];
  const own = measure === 'ks' || measure === 'psi' || measure === 'js' ? settings?.[measure] : undefined;
  return { material, high: own?.high ?? high };
}

/** What a comparison may be told; the defaults are those of a definition. */
export interface DriftSettings {
  /** The dataset drifts when more than this share of its features did (strictly more). */
  readonly share_threshold: number;
  /** False discovery rate over the report's tests. */
  readonly alpha: number;
  /** Quantile bins of PSI and JS. */
  readonly bins: number;
  /** Fewer values than this on either side: `insufficient_data`. */
  readonly minimum_rows: number;
}

export const defaultDriftSettings: DriftSettings = {
  share_threshold: 0.2,
  alpha: 0.05,
  bins: 10,
  minimum_rows: 30,
};
