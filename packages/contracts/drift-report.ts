import { z } from 'zod';
import { columnRole, columnType } from './data-definition.ts';

/**
 * One comparison of two windows. Counts are rows; probabilities and shares lie in [0, 1]. A statistic that does not
 * exist for a column's type is absent. Definitions: docs/reference/drift.md.
 */

export const severity = z.enum(['stable', 'medium', 'high']);
export type Severity = z.infer<typeof severity>;
export const health = z.enum(['healthy', 'at_risk', 'critical']);
export type Health = z.infer<typeof health>;
export const columnStatus = z.enum(['ok', 'drifted', 'insufficient_data', 'error']);

const probability = z.number().min(0).max(1);
const rows = z.int().min(0);

export const columnStatistics = z.object({
  ks: z
    .object({
      statistic: probability,
      p_value: probability,
      p_adjusted: probability.optional(),
      /** What the statistic exceeds with probability alpha without drift. */
      critical: probability.optional(),
      /** Against a profile beyond its exact size: how far the statistic may lie above the one given. */
      error: probability.optional(),
    })
    .optional(),
  psi: z.object({ value: z.number().min(0), corrected: z.number(), critical: z.number().min(0) }).optional(),
  /** Divergence in nats (0 to ln 2); distance is its square root in base 2 (0 to 1). */
  js: z.object({ divergence: z.number().min(0), distance: probability }).optional(),
  /** Of the finite values, in the column's unit (milliseconds for datetimes) and in the reference's standard deviations. */
  wasserstein: z.object({ value: z.number().min(0), normalized: z.number().min(0).nullable() }).optional(),
  chi2: z
    .object({
      statistic: z.number().min(0),
      p_value: probability,
      p_adjusted: probability.optional(),
      dof: z.int().min(0),
      cramers_v: probability,
    })
    .optional(),
});
export type ColumnStatistics = z.infer<typeof columnStatistics>;

/** One cell of the PSI: where the distribution moved. */
export const binContribution = z.object({
  label: z.string(),
  reference_share: probability,
  current_share: probability,
  psi: z.number(),
});

/** Shares of rows and the test that they are equal. */
const shares = z.object({
  reference: probability,
  current: probability,
  p_value: probability,
  p_adjusted: probability.optional(),
});

export const columnReport = z.object({
  name: z.string(),
  type: columnType,
  role: columnRole,
  status: columnStatus,
  severity,
  /** In one sentence, why this status. */
  reason: z.string(),
  statistics: columnStatistics,
  missing: shares,
  /** Rows of ±∞; absent where neither window has any. */
  infinite: shares.optional(),
  /** Categories the reference lacks, the commonest first, at most 50. */
  new_categories: z.array(z.string()),
  /** Categories the current window lacks, the commonest first, at most 50. */
  vanished_categories: z.array(z.string()).optional(),
  /** With `insufficient_data`: values that each window would have to hold. */
  rows_needed: rows.optional(),
  bins: z.array(binContribution),
});
export type ColumnReport = z.infer<typeof columnReport>;

export const targetReport = z.object({
  name: z.string(),
  drifted: z.boolean(),
  /** KL(current ‖ reference) in nats over the classes; null for a regression target. */
  kl: z.number().min(0).nullable(),
  /** |Δmean| / reference standard deviation; null for a class target. */
  mean_shift: z.number().min(0).nullable(),
  reason: z.string(),
});
export type TargetReport = z.infer<typeof targetReport>;

export const datasetReport = z.object({
  rows_reference: rows,
  rows_current: rows,
  /** Columns compared, whatever came of it. */
  columns: z.int().min(0),
  features_drifted: z.int().min(0),
  /** Of the feature columns with a result. */
  drifted_share: probability,
  drift_detected: z.boolean(),
  /** 0 no movement … 1 everything moved. */
  score: probability,
  health,
});
export type DatasetReport = z.infer<typeof datasetReport>;

export const driftReport = z.object({
  dataset: datasetReport,
  columns: z.array(columnReport),
  target: targetReport.nullable(),
  /** Seconds by stage. */
  timings: z.record(z.string(), z.number()),
});
export type DriftReport = z.infer<typeof driftReport>;
