import type { ScoresOf } from './scores.ts';
import type { LabelledMetric } from './weighted-metric.ts';

type BinaryScores = ScoresOf<'binary_classification'>;

/** Rows by falling prediction, and for each place whether the next row has a lower one. */
interface Ranking {
  readonly order: Uint32Array;
  readonly endsTie: Uint8Array;
}

function rankingOf({ predicted }: BinaryScores): Ranking {
  const order = Uint32Array.from(predicted.keys()).sort((a, b) => (predicted[b] ?? 0) - (predicted[a] ?? 0));
  return {
    order,
    endsTie: Uint8Array.from(order, (row, place) => {
      const next = order[place + 1];
      return Number(next === undefined || predicted[next] !== predicted[row]);
    }),
  };
}

/**
 * Area under the ROC curve: the chance that a positive row is ranked above a negative one, ties counting
 * half (Mann–Whitney). Null with a single class.
 */
export function rocAuc(scores: BinaryScores): LabelledMetric {
  const { order, endsTie } = rankingOf(scores);
  return (weights, labels = scores.truth) => {
    let above = 0;
    let positives = 0;
    let negatives = 0;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    for (let place = 0; place < order.length; place += 1) {
      const row = order[place] ?? 0;
      const weight = weights[row] ?? 0;
      if (labels[row] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
      if (endsTie[place] === 0) continue;
      above += tiedNegatives * (positives + tiedPositives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
    return positives === 0 || negatives === 0 ? null : above / (positives * negatives);
  };
}

/**
 * Average precision: precision at each distinct threshold, weighted by the recall gained there (no
 * interpolation, as scikit-learn's `average_precision_score`). Null without a positive row.
 */
export function averagePrecision(scores: BinaryScores): LabelledMetric {
  const { order, endsTie } = rankingOf(scores);
  return (weights, labels = scores.truth) => {
    let area = 0;
    let found = 0;
    let seen = 0;
    let tied = 0;
    for (let place = 0; place < order.length; place += 1) {
      const row = order[place] ?? 0;
      const weight = weights[row] ?? 0;
      seen += weight;
      if (labels[row] === 1) tied += weight;
      if (endsTie[place] === 0) continue;
      found += tied;
      if (tied > 0) area += tied * (found / seen);
      tied = 0;
    }
    return found === 0 ? null : area / found;
  };
}
