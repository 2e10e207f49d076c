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
  const meanError = meanOf(squaredErrors(scores));
  const meanTruth = meanOf(truth);
  return (weights) => {
    const error = meanError(weights);
    const centre = meanTruth(weights);
    if (error === null || centre === null) return null;
    const variance = meanOf(truth.map((value) => (value - centre) ** 2))(weights);
    return variance === null || variance === 0 ? null : 1 - error / variance;
  };
}
