import type { MetricName } from '@watchtower/contracts';
import { metricOf } from './metrics.ts';
import type { Scores, ScoresOf } from './scores.ts';

/**
 * The metric of a model that has learned nothing but how often each answer occurs: what a first champion
 * must beat. Null where the metric is undefined.
 */
export function noSkillBaseline(metric: MetricName, scores: Scores): number | null {
  switch (scores.task) {
    case 'binary_classification':
      return binaryBaseline(metric, scores);
    case 'multiclass_classification':
      return metricOf(metric, { ...scores, predicted: scores.predicted.map(() => commonest(scores)) });
    case 'regression': {
      // The constant that is best for the metric: the median for absolute errors, else the mean.
      const constant = metric === 'mae' ? median(scores.truth) : mean(scores.truth);
      return metricOf(metric, { ...scores, predicted: scores.truth.map(() => constant) });
    }
  }
}

function binaryBaseline(metric: MetricName, scores: ScoresOf<'binary_classification'>): number | null {
  const { truth, predicted, threshold, output } = scores;
  if (truth.length === 0) return null;
  const prevalence = mean(Float64Array.from(truth));
  const limit = output === 'label' ? 0.5 : threshold;
  const alarms = mean(predicted.map((value) => Number(value >= limit)));
  switch (metric) {
    // A guess as frequent as the model's own positives finds that share of the positives.
    case 'recall':
      return alarms;
    case 'precision':
      return prevalence;
    case 'f1':
      return alarms + prevalence === 0 ? null : (2 * alarms * prevalence) / (alarms + prevalence);
    case 'accuracy':
      return Math.max(prevalence, 1 - prevalence);
    case 'balanced_accuracy':
      return 0.5;
    case 'roc_auc':
    case 'average_precision':
    case 'log_loss':
    case 'brier':
    case 'rmse':
    case 'mae':
    case 'r2':
      return metricOf(metric, { ...scores, predicted: predicted.map(() => prevalence) });
  }
}

function commonest({ truth, classes }: ScoresOf<'multiclass_classification'>): number {
  const counts = Array.from({ length: classes }, () => 0);
  for (const code of truth) counts[code] = (counts[code] ?? 0) + 1;
  return counts.indexOf(Math.max(...counts));
}

const mean = (values: Float64Array): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
