import { largestDifference } from '../kolmogorov-smirnov.ts';
import { betweenRanks, distinctEdges, interpolate, quantilePositions } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { wassersteinDistance } from '../wasserstein.ts';
import { sortAscending } from './radix-sort.ts';
import { type ScannedValues, valueCount } from './scan-values.ts';

/** Both sides sorted and merged: for small samples, and what the cells of large ones are tested against. */
export function compareSorted(
  reference: ScannedValues,
  current: ScannedValues,
  bins: number,
): ValueComparison {
  const before = sortedValues(reference);
  const after = sortedValues(current);
  const edges = quantileEdges(before, bins);
  return {
    n: before.length,
    m: after.length,
    difference: largestDifference(before, after),
    error: 0,
    wasserstein: wassersteinDistance(finitePart(before, reference), finitePart(after, current)),
    edges,
    reference: countBetween(before, edges),
    current: countBetween(after, edges),
  };
}

/** All values ascending, infinities at the ends. */
export function sortedValues(scanned: ScannedValues): Float64Array {
  const { finite, negativeInfinities } = scanned;
  const sorted = new Float64Array(valueCount(scanned));
  sorted.fill(Number.NEGATIVE_INFINITY, 0, negativeInfinities);
  sorted.set(finite, negativeInfinities);
  sorted.fill(Number.POSITIVE_INFINITY, negativeInfinities + finite.length);
  return sortAscending(sorted);
}

const finitePart = (sorted: Float64Array, { negativeInfinities, finite }: ScannedValues): Float64Array =>
  sorted.subarray(negativeInfinities, negativeInfinities + finite.length);

/**
 * Inner edges at the quantiles 1/B … (B−1)/B of the reference, equal ones once. The outer edges are ±∞ and not listed.
 *
 * @param sorted ascending, without NaN
 */
export function quantileEdges(sorted: Float64Array, bins: number): readonly number[] {
  if (sorted.length === 0) return [];
  return distinctEdges(
    quantilePositions(sorted.length, bins).map(({ below, above, part }) =>
      interpolate(sorted[below] ?? 0, sorted[above] ?? 0, part),
    ),
  );
}

/** Values between the edges; one on an edge belongs to the left. */
export function countBetween(sorted: Float64Array, edges: readonly number[]): readonly number[] {
  return betweenRanks(
    edges.map((edge) => countUpTo(sorted, edge)),
    sorted.length,
  );
}

/** How many values are at most this one, by bisection. */
export function countUpTo(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
