import type { ScoresOf } from './scores.ts';
import type { WeightedMetric } from './weighted-metric.ts';

type BinaryScores = ScoresOf<'binary_classification'>;

/** Rows by falling prediction. */
function fallingOrder(predicted: Float64Array): Uint32Array {
  const order = Uint32Array.from(predicted.keys());
  return order.sort((a, b) => (predicted[b] ?? 0) - (predicted[a] ?? 0));
}

interface TiedGroup {
  readonly positives: number;
  readonly negatives: number;
}

/** Groups of rows with the same prediction, from the highest on. */
function forEachTiedGroup(
  { truth, predicted }: BinaryScores,
  order: Uint32Array,
  weights: Uint32Array,
  visit: (group: TiedGroup) => void,
): void {
  let start = 0;
  while (start < order.length) {
    const value = predicted[order[start] ?? 0];
    let positives = 0;
    let negatives = 0;
    let end = start;
    for (; end < order.length && predicted[order[end] ?? 0] === value; end += 1) {
      const row = order[end] ?? 0;
      const weight = weights[row] ?? 0;
      if (truth[row] === 1) positives += weight;
      else negatives += weight;
    }
    visit({ positives, negatives });
    start = end;
  }
}

/**
 * Area under the ROC curve: the chance that a positive row is ranked above a negative one, ties counting half
 * (Mann–Whitney). Null with a single class.
 */
export function rocAuc(scores: BinaryScores): WeightedMetric {
  const order = fallingOrder(scores.predicted);
  return (weights) => {
    let above = 0;
    let allPositives = 0;
    let allNegatives = 0;
    forEachTiedGroup(scores, order, weights, ({ positives, negatives }) => {
      above += negatives * (allPositives + positives / 2);
      allPositives += positives;
      allNegatives += negatives;
    });
    return allPositives === 0 || allNegatives === 0 ? null : above / (allPositives * allNegatives);
  };
}

/**
 * Average precision: precision at each distinct threshold, weighted by the recall gained there (no interpolation, as
 * scikit-learn's `average_precision_score`). Null without a positive row.
 */
export function averagePrecision(scores: BinaryScores): WeightedMetric {
  const order = fallingOrder(scores.predicted);
  return (weights) => {
    let area = 0;
    let found = 0;
    let seen = 0;
    forEachTiedGroup(scores, order, weights, ({ positives, negatives }) => {
      found += positives;
      seen += positives + negatives;
      if (seen > 0) area += positives * (found / seen);
    });
    return found === 0 ? null : area / found;
  };
}
