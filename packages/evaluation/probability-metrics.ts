import type { ScoresOf } from './scores.ts';
import { meanOf, type WeightedMetric } from './weighted-metric.ts';

type BinaryScores = ScoresOf<'binary_classification'>;

/** Mean negative log-likelihood in nats; probabilities are kept off 0 and 1 by the machine epsilon. */
export function logLoss({ truth, predicted }: BinaryScores): WeightedMetric {
  const least = Number.EPSILON;
  return meanOf(
    predicted.map((value, row) => {
      const probability = Math.min(Math.max(value, least), 1 - least);
      return -Math.log(truth[row] === 1 ? probability : 1 - probability);
    }),
  );
}

/** Mean squared distance of the probability from what happened. */
export const brier = ({ truth, predicted }: BinaryScores): WeightedMetric =>
  meanOf(predicted.map((value, row) => (value - (truth[row] ?? 0)) ** 2));
