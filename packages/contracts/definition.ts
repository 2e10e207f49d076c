import { z } from 'zod';
import { duration } from './duration.ts';
import { instant, modelName, windowName } from './identifiers.ts';

/**
 * What `watchtower.yaml` may say about a model. Unknown keys are errors, so that a misspelled one is not silently a
 * default. Defaults that come from the environment are filled in when the definition is applied (`resolveDefinition`):
 * what is stored and frozen into runs has no gaps.
 */

export const taskType = z.enum(['binary_classification', 'multiclass_classification', 'regression']);
export type TaskType = z.infer<typeof taskType>;

export const columnType = z.enum(['numeric', 'categorical', 'boolean', 'datetime']);
export const columnRole = z.enum(['feature', 'identifier', 'target', 'prediction', 'time', 'ignored']);
export type ColumnType = z.infer<typeof columnType>;
export type ColumnRole = z.infer<typeof columnRole>;

const fraction = z.number().gt(0).lt(1);

/** `2013-04-01` or a full instant; dates are midnight UTC. Normalised to an instant. */
export const timePoint = z
  .union([z.iso.date(), z.iso.datetime({ offset: true }), z.date()])
  .transform((value) => new Date(value).toISOString())
  .pipe(instant);

const filesSource = z.strictObject({
  type: z.literal('files'),
  /** A file, or a glob such as `data/flights-*.parquet`; relative to `base_dir`. */
  path: z.string().min(1),
  /** Told from the ending where it is left out. */
  format: z.enum(['parquet', 'csv', 'jsonl']).optional(),
});

/** Rows made by a formula, for first tries and tests: features x1–x4 and `colour`, target `y`, one row a `step`. */
const syntheticSource = z.strictObject({
  type: z.literal('synthetic'),
  seed: z.int().min(0).max(2_147_483_647).default(7),
  rows_per_day: z.int().min(1).max(100_000).default(200),
  /** From this instant on, x1 and x2 are moved by `shift` standard deviations and the target follows another rule. */
  shift_at: timePoint.optional(),
  shift: z.number().min(-100).max(100).default(1),
});

export const dataSource = z.discriminatedUnion('type', [filesSource, syntheticSource]);
export type DataSource = z.infer<typeof dataSource>;

const fixedWindow = z
  .strictObject({ from: timePoint, to: timePoint })
  .refine((w) => w.from < w.to, { message: '"from" must lie before "to"', path: ['to'] });
/** The stretch of this length that ends when the run was triggered. */
const slidingWindow = z.strictObject({ last: duration });
export const windowDefinition = z.union([fixedWindow, slidingWindow]);
export type WindowDefinition = z.infer<typeof windowDefinition>;

/** A window with its ends known: rows with `from <= time < to`. */
export const timeWindow = z.object({ from: instant, to: instant });
export type TimeWindow = z.infer<typeof timeWindow>;

const severityThresholds = z
  .strictObject({ medium: z.number().min(0), high: z.number().min(0) })
  .refine((t) => t.medium <= t.high, { message: '"medium" must not exceed "high"', path: ['medium'] });

export const columnSettings = z.strictObject({
  role: columnRole.optional(),
  type: columnType.optional(),
  psi: severityThresholds.optional(),
  ks: severityThresholds.optional(),
  js: severityThresholds.optional(),
});
export type ColumnSettings = z.infer<typeof columnSettings>;

export const metricName = z.enum([
  'roc_auc',
  'average_precision',
  'log_loss',
  'brier',
  'accuracy',
  'balanced_accuracy',
  'precision',
  'recall',
  'f1',
  'rmse',
  'mae',
  'r2',
]);
export type MetricName = z.infer<typeof metricName>;
export const direction = z.enum(['maximize', 'minimize']);
export type Direction = z.infer<typeof direction>;

const driftSettings = z.strictObject({
  /** The dataset drifts when more than this share of the compared columns drifted. Default DRIFT_FEATURE_THRESHOLD. */
  share_threshold: z.number().min(0).max(1).optional(),
  /** False discovery rate of Benjamini–Hochberg over the report's tests. */
  alpha: fraction.default(0.05),
  /** Quantile bins of PSI and JS. */
  bins: z.int().min(2).max(100).default(10),
  /** Fewer rows than this on either side: `insufficient_data`. */
  minimum_rows: z.int().min(2).default(30),
});

export const trainerName = z.enum(['process', 'docker', 'airflow']);
export type TrainerName = z.infer<typeof trainerName>;

const retrainSettings = z.strictObject({
  trainer: trainerName.default('process'),
  /** Program and arguments, run without a shell. `{python}` stands for the project's Python. */
  command: z.array(z.string().min(1)).min(1),
  /** Relative to `base_dir`. */
  working_directory: z.string().default('.'),
  environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
  timeout: duration.prefault('1h'),
  /** No new output for this long: the training is stuck, not slow. */
  stuck_after: duration.prefault('15m'),
  max_attempts: z.int().min(1).max(10).default(2),
  /** After a training, none of the same model for this long. */
  cool_down: duration.prefault('24h'),
  /** What demands a retraining: the dataset drifted; or already an urgency of `soon`. */
  rule: z.enum(['dataset_drift', 'urgency_soon', 'never']).default('dataset_drift'),
  feature_subset: z.array(z.string()).min(1).optional(),
  class_weights: z.record(z.string(), z.number().positive()).optional(),
  seed: z.int().min(0).max(2_147_483_647).default(42),
  notes: z.string().max(4000).default(''),
  hyperparameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** Write the training window's rows to a Parquet file and name it in the request (always so for `synthetic`). */
  export_data: z.boolean().default(false),
});

const evaluateSettings = z.strictObject({
  primary_metric: metricName,
  direction: direction.optional(),
  /** Of the primary metric, in its better direction. Default EVAL_MIN_IMPROVEMENT. */
  min_improvement: z.number().min(0).optional(),
  /** Training may use what lies before the split of the current window, evaluation only what lies after. */
  split: z
    .union([z.strictObject({ at: timePoint }), z.strictObject({ fraction })])
    .prefault({ fraction: 0.75 }),
  minimum_rows: z.int().min(2).default(200),
  confidence: z.number().gt(0.5).lt(1).default(0.95),
  bootstrap_resamples: z.int().min(100).max(100_000).default(1000),
  /** Other metrics that may not get worse by more than `max_degradation`. */
  guardrails: z.array(z.strictObject({ metric: metricName, max_degradation: z.number().min(0) })).default([]),
  /** What the scorer takes from the model: probabilities of the positive class, labels, or values. */
  output: z.enum(['probability', 'label', 'value']).optional(),
  /** The target's value that counts as positive (binary tasks). */
  positive_class: z.union([z.string(), z.number(), z.boolean()]).default(1),
  decision_threshold: fraction.default(0.5),
  /** How long to wait for labels of the held-out rows until `minimum_rows` have one. */
  labels_deadline: duration.prefault('0s'),
  timeout: duration.prefault('30m'),
});

const approvalSettings = z.strictObject({
  /** `always` people decide; `when_inconclusive` only where gates leave it open; `never` gates alone (inconclusive keeps). */
  required: z.enum(['always', 'when_inconclusive', 'never']).default('always'),
  deadline: duration.prefault('72h'),
  /** Remind after this long, once. */
  reminder: duration.prefault('24h'),
  /** Only approvers known by an API key count; signals do not. */
  authenticated: z.boolean().default(false),
});

const scheduleSettings = z.strictObject({
  /** Five fields, as crontab(5). */
  cron: z.string().regex(/^\S+(\s+\S+){4}$/, 'five fields, as in "0 6 * * 1"'),
  timezone: z.string().default('UTC'),
  overlap: z.enum(['allow_all', 'skip', 'buffer_one']).default('allow_all'),
  catch_up: duration.prefault('1h'),
  dry_run: z.boolean().default(false),
  window: windowName.prefault('current'),
  paused: z.boolean().default(false),
});

const shape = {
  version: z.literal(1),
  model: modelName,
  description: z.string().max(2000).default(''),
  /** Directory that relative paths start from; the CLI sets it to the definition file's. */
  base_dir: z.string().default('.'),
  /** Default MODEL_TASK_TYPE. */
  task: taskType.optional(),
  /** Name in MLflow's registry; default: the model's name. */
  registered_model: modelName.optional(),
  data: z.strictObject({
    source: dataSource,
    time_column: z.string().min(1),
    target: z.string().min(1),
    prediction: z.string().min(1).optional(),
    columns: z.record(z.string(), columnSettings).default({}),
  }),
  windows: z
    .record(windowName, windowDefinition)
    .refine((w) => 'reference' in w, { message: 'a window named "reference" is needed' })
    .refine((w) => 'current' in w, { message: 'a window named "current" is needed' }),
  drift: driftSettings.prefault({}),
  retrain: retrainSettings,
  evaluate: evaluateSettings,
  promote: z.strictObject({ alias: z.string().min(1).default('champion') }).prefault({}),
  approval: approvalSettings.prefault({}),
  schedule: scheduleSettings.optional(),
} as const;

const windowsAgree = (definition: {
  windows: Record<string, unknown>;
  schedule?: { window: string } | undefined;
}): boolean => definition.schedule === undefined || definition.schedule.window in definition.windows;

/** A definition as written. */
export const definitionInput = z.strictObject(shape).refine(windowsAgree, {
  message: 'the schedule names a window that is not defined',
  path: ['schedule', 'window'],
});
export type DefinitionInput = z.output<typeof definitionInput>;

/** A definition as stored: nothing left open. */
export const modelDefinition = z.strictObject({
  ...shape,
  task: taskType,
  registered_model: modelName,
  drift: driftSettings.extend({ share_threshold: z.number().min(0).max(1) }),
  evaluate: evaluateSettings.extend({
    direction,
    min_improvement: z.number().min(0),
    output: z.enum(['probability', 'label', 'value']),
  }),
});
export type ModelDefinition = z.output<typeof modelDefinition>;

const minimized: ReadonlySet<MetricName> = new Set(['log_loss', 'brier', 'rmse', 'mae']);
const needsProbability: ReadonlySet<MetricName> = new Set([
  'roc_auc',
  'average_precision',
  'log_loss',
  'brier',
]);

/** The direction in which a metric gets better. */
export const betterDirection = (metric: MetricName): Direction =>
  minimized.has(metric) ? 'minimize' : 'maximize';

function defaultOutput(task: TaskType, metric: MetricName): 'probability' | 'label' | 'value' {
  if (task === 'regression') return 'value';
  return task === 'binary_classification' || needsProbability.has(metric) ? 'probability' : 'label';
}

/** Fills in what the environment decides. */
export function resolveDefinition(
  input: DefinitionInput,
  defaults: { readonly task: TaskType; readonly shareThreshold: number; readonly minImprovement: number },
): ModelDefinition {
  const task = input.task ?? defaults.task;
  return modelDefinition.parse({
    ...input,
    task,
    registered_model: input.registered_model ?? input.model,
    drift: { ...input.drift, share_threshold: input.drift.share_threshold ?? defaults.shareThreshold },
    evaluate: {
      ...input.evaluate,
      direction: input.evaluate.direction ?? betterDirection(input.evaluate.primary_metric),
      min_improvement: input.evaluate.min_improvement ?? defaults.minImprovement,
      output: input.evaluate.output ?? defaultOutput(task, input.evaluate.primary_metric),
    },
  });
}

/** The parts an approval rests on: where the current definition differs in them, it is void. */
export function approvalBasis(definition: ModelDefinition) {
  const { task, registered_model, data, evaluate, promote, approval } = definition;
  return { task, registered_model, data, evaluate, promote, approval };
}
