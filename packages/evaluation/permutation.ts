import { SeededRandom } from './random.ts';
import { type LabelledMetric, type Labels, unitWeights } from './weighted-metric.ts';

/**
 * How likely predictions that have nothing to do with the labels would do as well: the share of shuffles of
 * the labels over the rows that give at least the observed metric (greater is better), (count + 1) /
 * (shuffles + 1), which is never below its true level (Phipson and Smyth, 2010). Exact for any number of
 * rows and however rare a class is, where an interval around the metric is not; as Ojala and Garriga (2010).
 */
export function permutationP(
  metric: LabelledMetric,
  labels: Labels,
  observed: number,
  { shuffles, seed }: { readonly shuffles: number; readonly seed: number },
): number {
  const random = new SeededRandom(seed);
  const weights = unitWeights(labels.length);
  const shuffled = labels.slice();
  let asGood = 0;
  for (let round = 0; round < shuffles; round += 1) {
    shuffle(shuffled, random);
    const value = metric(weights, shuffled);
    if (value === null || value >= observed) asGood += 1;
  }
  return (asGood + 1) / (shuffles + 1);
}

/** Fisher and Yates, as Durstenfeld (1964): in place, every order equally likely. */
function shuffle(labels: Labels, random: SeededRandom): void {
  for (let last = labels.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const moved = labels[last] ?? 0;
    labels[last] = labels[other] ?? 0;
    labels[other] = moved;
  }
}
