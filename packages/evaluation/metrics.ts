import { type MetricName, type Metrics, metricsOfTask } from '@watchtower/contracts';
import { confusionMetric } from './confusion-metrics.ts';
import { brier, logLoss } from './probability-metrics.ts';
import { averagePrecision, rocAuc } from './ranking-metrics.ts';
import { mae, r2, rmse } from './regression-metrics.ts';
import type { Scores } from './scores.ts';
import { unitWeights, type WeightedMetric } from './weighted-metric.ts';

const undefinedMetric: WeightedMetric = () => null;

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

function ofProbability(
  scores: Scores,
  metric: (scores: Extract<Scores, { output: 'probability' | 'label' }>) => WeightedMetric,
): WeightedMetric {
  return scores.task === 'binary_classification' && scores.output === 'probability'
    ? metric(scores)
    : undefinedMetric;
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
