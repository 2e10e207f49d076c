import { SeededRandom } from './random.ts';
import type { WeightedMetric } from './weighted-metric.ts';

export interface BootstrapResult {
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
}

export interface BootstrapSettings {
  readonly rows: number;
  readonly resamples: number;
  readonly confidence: number;
  readonly seed: number;
}

/** Above this share of resamples in which the metric is undefined, an interval would mislead. */
const undefinedShare = 0.05;

/**
 * Paired bootstrap of the difference `first − second`: each resample draws rows with replacement and takes
 * both metrics on the same rows, so that what is hard for both cancels out. Percentile interval; the
 * two-sided p-value is twice the smaller share of differences on either side of zero, (count + 1) /
 * (resamples + 1) (Davison and Hinkley, 1997).
 *
 * @returns null where the metric is undefined in more than 5 % of the resamples
 */
export function pairedBootstrap(
  first: WeightedMetric,
  second: WeightedMetric,
  { rows, resamples, confidence, seed }: BootstrapSettings,
): BootstrapResult | null {
  if (rows === 0) return null;
  const random = new SeededRandom(seed);
  const weights = new Uint32Array(rows);
  const differences: number[] = [];
  for (let resample = 0; resample < resamples; resample += 1) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw += 1) {
      const row = random.below(rows);
      weights[row] = (weights[row] ?? 0) + 1;
    }
    const a = first(weights);
    const b = second(weights);
    if (a !== null && b !== null) differences.push(a - b);
  }
  if (differences.length < resamples * (1 - undefinedShare)) return null;
  const sorted = Float64Array.from(differences).sort();
  const tail = (1 - confidence) / 2;
  const shareOf = (count: number) => (count + 1) / (sorted.length + 1);
  const notAbove = sorted.filter((difference) => difference <= 0).length;
  const notBelow = sorted.filter((difference) => difference >= 0).length;
  return {
    low: quantile(sorted, tail),
    high: quantile(sorted, 1 - tail),
    pValue: Math.min(1, 2 * shareOf(Math.min(notAbove, notBelow))),
  };
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996), NumPy's default. */
function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? 0;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}
