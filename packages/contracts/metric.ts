import { z } from 'zod';

/** What a model predicts, and the metrics that can tell how well. */

export const taskType = z.enum(['binary_classification', 'multiclass_classification', 'regression']);
export type TaskType = z.infer<typeof taskType>;

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

/** What the scorer takes from a model: probabilities of the positive class, labels, or values. */
export const modelOutput = z.enum(['probability', 'label', 'value']);
export type ModelOutput = z.infer<typeof modelOutput>;

const ofProbabilities = ['roc_auc', 'average_precision', 'log_loss', 'brier'] as const;
const ofClasses = ['accuracy', 'balanced_accuracy', 'precision', 'recall', 'f1'] as const;

/** The metrics a task has. */
export const metricsOfTask: Readonly<Record<TaskType, readonly MetricName[]>> = {
  binary_classification: [...ofProbabilities, ...ofClasses],
  multiclass_classification: ofClasses,
  regression: ['rmse', 'mae', 'r2'],
};

/** What a task may take from a model; the first is the default. */
export const outputsOfTask: Readonly<Record<TaskType, readonly ModelOutput[]>> = {
  binary_classification: ['probability', 'label'],
  multiclass_classification: ['label'],
  regression: ['value'],
};

const probabilityMetrics: ReadonlySet<MetricName> = new Set(ofProbabilities);
const minimized: ReadonlySet<MetricName> = new Set(['log_loss', 'brier', 'rmse', 'mae']);

/** Labels alone do not give these. */
export const needsProbability = (metric: MetricName): boolean => probabilityMetrics.has(metric);

/** The direction in which a metric gets better. */
export const betterDirection = (metric: MetricName): Direction =>
  minimized.has(metric) ? 'minimize' : 'maximize';
