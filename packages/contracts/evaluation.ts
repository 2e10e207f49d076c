import { z } from 'zod';
import { timeWindow } from './data-definition.ts';
import { digest, modelName } from './identifiers.ts';
import { direction, metricName } from './metric.ts';

export const evaluationOutcome = z.enum(['promote', 'keep', 'inconclusive']);
export type EvaluationOutcome = z.infer<typeof evaluationOutcome>;

export const gateStatus = z.enum(['passed', 'failed', 'inconclusive']);
export const gateName = z.enum([
  /** Enough labelled held-out rows. */
  'sample_size',
  /** The rows lie outside both training windows. */
  'verified',
  /** The primary metric improved by at least `min_improvement`. */
  'improvement',
  /** The improvement's confidence interval excludes zero. */
  'significance',
  /** Another metric did not get worse by more than allowed. */
  'guardrail',
  /** There was no champion to beat; the challenger must have skill, beyond chance. */
  'first_champion',
]);
export const gate = z.object({
  name: gateName,
  /** The metric it looks at, where it looks at one. */
  metric: metricName.nullable(),
  status: gateStatus,
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  reason: z.string(),
});
export type Gate = z.infer<typeof gate>;

/** Metrics of one model; one that is undefined on the rows (a single class, say) is null. */
export const metrics = z.partialRecord(metricName, z.number().nullable());
export type Metrics = z.infer<typeof metrics>;

/** Challenger minus champion, signed so that positive is better. */
export const improvement = z.object({
  metric: metricName,
  direction,
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z.number(),
  /** Two-sided, of no difference. */
  p_value: z.number().min(0).max(1),
  method: z.string(),
});
export type Improvement = z.infer<typeof improvement>;

export const scoredModel = z.object({
  version: z.string(),
  mlflow_run_id: z.string().nullable(),
  training_window: timeWindow.nullable(),
  metrics,
  predictions_artifact: digest,
});
export type ScoredModel = z.infer<typeof scoredModel>;

export const evaluationReport = z.object({
  model: modelName,
  registered_model: modelName,
  challenger: scoredModel,
  champion: scoredModel.nullable(),
  /** Held-out rows with a label, the same for both models. */
  rows: z.int().min(0),
  window: timeWindow,
  rows_artifact: digest,
  improvement: improvement.nullable(),
  gates: z.array(gate),
  outcome: evaluationOutcome,
  reason: z.string(),
  /** What a decision must quote. Covers everything above, the definition and both versions. */
  evidence_digest: digest,
});
export type EvaluationReport = z.infer<typeof evaluationReport>;
