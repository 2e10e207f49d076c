import { z } from 'zod';
import { timeWindow } from './data-definition.ts';
import { columnReport, datasetReport, health, severity, targetReport } from './drift-report.ts';
import { instant, modelName, runId } from './identifiers.ts';
import { direction, metricName, taskType } from './metric.ts';
import { championInfo } from './training.ts';

export const urgency = z.enum(['none', 'monitor', 'soon', 'immediate']);
export type Urgency = z.infer<typeof urgency>;

/** An urgency that asks people to act: a run of one raises an alert. */
export const raisesAlert = (urgency: Urgency | null): boolean =>
  urgency === 'soon' || urgency === 'immediate';

export const trigger = z.object({
  kind: z.enum(['drift', 'monitoring', 'performance']),
  severity: z.enum(['medium', 'high']),
  detail: z.string(),
});
export type Trigger = z.infer<typeof trigger>;

/** What the rules make of the evidence. The reasoner may be stricter, never softer. */
export const verdict = z.object({
  urgency,
  health,
  /** A retraining is demanded; `write_summary` is refused until it was tried. */
  retrain: z.boolean(),
  reasons: z.array(z.object({ rule: z.string(), detail: z.string() })),
  /** What speaks for a retraining, as facts. */
  triggers: z.array(trigger),
});
export type Verdict = z.infer<typeof verdict>;

/** A column as the reasoner sees it first; `inspect_feature_drift` shows the whole of it. */
export const columnEvidence = columnReport
  .pick({ name: true, type: true, status: true, severity: true, reason: true })
  .extend({
    psi: z.number().nullable(),
    effect: z.number().nullable(),
  });

/** The champion's primary metric: when it was promoted, and in the last evaluation it took part in. */
export const performance = z.object({
  metric: metricName,
  direction,
  at_promotion: z.number(),
  latest: z.number(),
  /** Change for the worse, as a share of the value at promotion; negative where it got better. */
  decline: z.number(),
  /** The run that measured `latest`. */
  measured_by: runId,
});
export type Performance = z.infer<typeof performance>;

export const evidence = z.object({
  run_id: runId,
  model: modelName,
  task: taskType,
  dry_run: z.boolean(),
  reference_window: timeWindow,
  current_window: timeWindow,
  champion: championInfo.nullable(),
  /** When a training was last adopted and no other may follow yet. */
  cooling_down_until: instant.nullable(),
  dataset: datasetReport,
  /** Drifted columns first, most severe first; at most 50. */
  columns: z.array(columnEvidence),
  target: targetReport.nullable(),
  worst_severity: severity,
  /** Largest PSI among drifted columns. */
  max_psi: z.number().nullable(),
  /** Null where no evaluation has measured it since the champion was promoted. */
  performance: performance.nullable(),
  retrain_rule: z.enum(['dataset_drift', 'urgency_soon', 'never']),
});
export type Evidence = z.infer<typeof evidence>;
