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
    .object({ statistic: probability, p_value: probability, p_adjusted: probability.optional() })
    .optional(),
  psi: z.object({ value: z.number().min(0), corrected: z.number(), critical: z.number().min(0) }).optional(),
  /** Divergence in nats (0 to ln 2); distance is its square root in base 2 (0 to 1). */
  js: z.object({ divergence: z.number().min(0), distance: probability }).optional(),
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

export const columnReport = z.object({
  name: z.string(),
  type: columnType,
  role: columnRole,
  status: columnStatus,
  severity,
  /** In one sentence, why this status. */
  reason: z.string(),
  statistics: columnStatistics,
  missing: z.object({
    reference: probability,
    current: probability,
    p_value: probability,
    p_adjusted: probability.optional(),
  }),
  new_categories: z.array(z.string()),
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
