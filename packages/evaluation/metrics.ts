import { type MetricName, type Metrics, metricsOfTask } from '@watchtower/contracts';
import { confusionMetric } from './confusion-metrics.ts';
import { brier, logLoss } from './probability-metrics.ts';
import { averagePrecision, rocAuc } from './ranking-metrics.ts';
import { mae, r2, rmse } from './regression-metrics.ts';
import type { Scores } from './scores.ts';
import { type LabelledMetric, unitWeights, type WeightedMetric } from './weighted-metric.ts';

const undefinedMetric = () => null;

/** A metric made ready for many weightings; one that the task or the output does not have is always null. */
export function prepareMetric(metric: MetricName, scores: Scores): WeightedMetric {
  switch (metric) {
    case 'roc_auc':
      return ofProbability(scores, rocAuc);
    case 'average_precision':
      return ofProbability(scores, averagePrecision);
    case 'log_loss':
      return ofProbability(scores, logLoss);
    case 'brier':
      return ofProbability(scores, brier);
    case 'accuracy':
    case 'balanced_accuracy':
    case 'precision':
    case 'recall':
    case 'f1':
      return scores.task === 'regression' ? undefinedMetric : confusionMetric(metric, scores);
    case 'rmse':
      return scores.task === 'regression' ? rmse(scores) : undefinedMetric;
    case 'mae':
      return scores.task === 'regression' ? mae(scores) : undefinedMetric;
    case 'r2':
      return scores.task === 'regression' ? r2(scores) : undefinedMetric;
  }
}

function ofProbability<Metric extends WeightedMetric>(
  scores: Scores,
  metric: (scores: Extract<Scores, { output: 'probability' | 'label' }>) => Metric,
): Metric | typeof undefinedMetric {
  return scores.task === 'binary_classification' && scores.output === 'probability'
    ? metric(scores)
    : undefinedMetric;
}

/**
 * A metric of ranked or labelled predictions, to be asked under other labels; null for one of errors and for
 * accuracy, for which one answer for all rows may be the better guess.
 */
export function prepareLabelled(metric: MetricName, scores: Scores): LabelledMetric | null {
  switch (metric) {
    case 'roc_auc':
      return ofProbability(scores, rocAuc);
    case 'average_precision':
      return ofProbability(scores, averagePrecision);
    case 'balanced_accuracy':
    case 'precision':
    case 'recall':
    case 'f1':
      return scores.task === 'regression' ? null : confusionMetric(metric, scores);
    case 'accuracy':
    case 'log_loss':
    case 'brier':
    case 'rmse':
    case 'mae':
    case 'r2':
      return null;
  }
}

/** A metric on all rows; null where it is undefined. */
export const metricOf = (metric: MetricName, scores: Scores): number | null =>
  prepareMetric(metric, scores)(unitWeights(scores.truth.length));

/** Every metric the task has; null where it is undefined on these rows or for this output. */
export function metricsOf(scores: Scores): Metrics {
  const metrics: Metrics = {};
  for (const metric of metricsOfTask[scores.task]) metrics[metric] = metricOf(metric, scores);
  return metrics;
}
