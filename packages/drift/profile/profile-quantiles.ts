import { distinctEdges, quantilePositions } from '../order-positions.ts';
import type { NumericProfile } from './numeric-profile.ts';

/** Sums of counts up to and with each cell. */
export function runningTotals(counts: Float64Array): Float64Array {
  let total = 0;
  return counts.map((count) => {
    total += count;
    return total;
  });
}

/** The first cell whose running total lies above the rank. */
function firstAbove(cumulative: Float64Array, rank: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What lies at the ranks that the quantiles 1/B … (B−1)/B lie between: values at cells' ends, or infinities. */
export function quantileEnds(
  profile: NumericProfile,
  bins: number,
  edgeOf: (below: number, above: number, part: number) => number,
): readonly number[] {
  const { uppers, finite, negative_infinities, positive_infinities } = profile;
  const totals = runningTotals(profile.counts);
  const value = (rank: number): number => {
    const finiteRank = rank - negative_infinities;
    if (finiteRank < 0) return Number.NEGATIVE_INFINITY;
    return finiteRank < finite ? (uppers[firstAbove(totals, finiteRank)] ?? 0) : Number.POSITIVE_INFINITY;
  };
  return distinctEdges(
    quantilePositions(finite + negative_infinities + positive_infinities, bins).map(
      ({ below, above, part }) => edgeOf(value(below), value(above), part),
    ),
  );
}
