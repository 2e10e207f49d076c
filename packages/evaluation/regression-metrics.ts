import type { ScoresOf } from './scores.ts';
import { meanOf, type WeightedMetric } from './weighted-metric.ts';

type RegressionScores = ScoresOf<'regression'>;

const squaredErrors = ({ truth, predicted }: RegressionScores): Float64Array =>
  truth.map((value, row) => (value - (predicted[row] ?? 0)) ** 2);

/** Root of the mean squared error, in the target's unit. */
export function rmse(scores: RegressionScores): WeightedMetric {
  const meanSquare = meanOf(squaredErrors(scores));
  return (weights) => {
    const value = meanSquare(weights);
    return value === null ? null : Math.sqrt(value);
  };
}

/** Mean absolute error, in the target's unit. */
export const mae = ({ truth, predicted }: RegressionScores): WeightedMetric =>
  meanOf(truth.map((value, row) => Math.abs(value - (predicted[row] ?? 0))));

/** Share of the target's variance that is explained; null where the target does not vary. */
export function r2(scores: RegressionScores): WeightedMetric {
  const { truth } = scores;
  const errors = squaredErrors(scores);
  const meanTruth = meanOf(truth);
  return (weights) => {
    const centre = meanTruth(weights);
    if (centre === null) return null;
    let unexplained = 0;
    let total = 0;
    for (let row = 0; row < truth.length; row += 1) {
      const weight = weights[row] ?? 0;
      unexplained += weight * (errors[row] ?? 0);
      total += weight * ((truth[row] ?? 0) - centre) ** 2;
    }
    return total === 0 ? null : 1 - unexplained / total;
  };
}
