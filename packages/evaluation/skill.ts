import type { MetricName } from '@watchtower/contracts';
import { chanceMetric } from './confusion-metrics.ts';
import { type ImprovementSettings, improvementOf } from './improvement.ts';
import { metricOf, prepareLabelled } from './metrics.ts';
import { permutationP } from './permutation.ts';
import type { Scores, ScoresOf } from './scores.ts';

/** How a model does beside one that has learned nothing but how often each answer occurs. */
export interface Skill {
  readonly value: number;
  /** What the model without skill has. */
  readonly baseline: number;
  readonly better: boolean;
  /** Better by more than chance explains, at the confidence asked for. */
  readonly significant: boolean;
  /** The figures `significant` rests on, as a sentence for people. */
  readonly evidence: string;
}

/**
 * Where one answer for all rows is the best that can be had without skill (errors, probabilities, accuracy),
 * the model is compared with that answer as a challenger is with a champion. A ranking or a mix of labels has
 * no such answer: there chance is what the same predictions give when they are dealt out to the rows anew.
 *
 * @returns null where the metric is undefined
 */
export function skillOf(scores: Scores, settings: ImprovementSettings): Skill | null {
  const constant = constantAnswer(settings.metric, scores);
  return constant === null ? besideChance(scores, settings) : besideConstant(scores, constant, settings);
}

function besideConstant(scores: Scores, constant: Scores, settings: ImprovementSettings): Skill | null {
  const { metric, confidence } = settings;
  const value = metricOf(metric, scores);
  const baseline = metricOf(metric, constant);
  const gain = improvementOf(scores, constant, settings);
  if (value === null || baseline === null || gain === null) return null;
  const { difference, low, high, p_value } = gain;
  const evidence =
    `With ${rounded(confidence * 100)} % confidence it is better by ${rounded(low)} to ${rounded(high)}` +
    ` (p = ${p_value.toPrecision(2)}, ${gain.method}).`;
  return { value, baseline, better: difference > 0, significant: low > 0, evidence };
}

function besideChance(
  scores: Scores,
  { metric, confidence, resamples, seed }: ImprovementSettings,
): Skill | null {
  const value = metricOf(metric, scores);
  const baseline = chanceBaseline(metric, scores);
  const labelled = prepareLabelled(metric, scores);
  if (value === null || baseline === null || labelled === null || scores.task === 'regression') return null;
  // One side of the two that an interval of this confidence leaves out; with fewer shuffles it is out of reach.
  const level = (1 - confidence) / 2;
  const shuffles = Math.max(resamples, Math.ceil(2 / level));
  const p = permutationP(labelled, scores.truth, value, { shuffles, seed });
  const evidence =
    `Of ${shuffles} shuffles of its predictions over the rows, ${Math.round(p * (shuffles + 1)) - 1} did as` +
    ` well (p = ${p.toPrecision(2)}, one-sided; at most ${rounded(level)} is asked for).`;
  return { value, baseline, better: value > baseline, significant: p <= level, evidence };
}

/** The best answer that is the same for every row; null where the metric has none. */
function constantAnswer(metric: MetricName, scores: Scores): Scores | null {
  switch (scores.task) {
    case 'binary_classification': {
      const prevalence = mean(Float64Array.from(scores.truth));
      if (metric === 'accuracy') return { ...scores, predicted: filled(scores, Number(prevalence >= 0.5)) };
      const ofProbability = metric === 'log_loss' || metric === 'brier';
      return ofProbability ? { ...scores, predicted: filled(scores, prevalence) } : null;
    }
    case 'multiclass_classification':
      if (metric !== 'accuracy') return null;
      return { ...scores, predicted: new Int32Array(scores.truth.length).fill(commonest(scores)) };
    case 'regression':
      // Absolute errors are least around the median, squared ones around the mean.
      return {
        ...scores,
        predicted: filled(scores, metric === 'mae' ? median(scores.truth) : mean(scores.truth)),
      };
  }
}

function chanceBaseline(metric: MetricName, scores: Scores): number | null {
  switch (metric) {
    case 'roc_auc':
      return 0.5;
    case 'average_precision':
      return scores.task === 'binary_classification' ? mean(Float64Array.from(scores.truth)) : null;
    case 'balanced_accuracy':
    case 'precision':
    case 'recall':
    case 'f1':
      return scores.task === 'regression' ? null : chanceMetric(metric, scores);
    case 'accuracy':
    case 'log_loss':
    case 'brier':
    case 'rmse':
    case 'mae':
    case 'r2':
      return null;
  }
}

const filled = ({ truth }: Scores, value: number): Float64Array => new Float64Array(truth.length).fill(value);

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

const rounded = (value: number): string => String(Number(value.toPrecision(4)));
