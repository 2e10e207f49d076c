import { byStretches } from '../kernels/by-stretches.ts';
import type { ScannedValues } from '../kernels/scan-values.ts';
import { distinctEdges, quantilePositions } from '../order-positions.ts';
import type { NumericProfile } from './numeric-profile.ts';

/** Cells walked over in one call: a profile has too few for the usual stretch. */
const stretch = 512;

/**
 * D·n·m at the cells' ends, and ∫|F − G| as if F − G kept its sign inside each cell.
 *
 * @param side the current values, counted by the profile's ends
 */
export function walkEnds(
  profile: NumericProfile,
  current: ScannedValues,
  side: {
    readonly counts: Float64Array;
    readonly sums: Float64Array;
    readonly n: number;
    readonly m: number;
  },
): { readonly difference: number; readonly distance: number } {
  const { uppers, counts, sums, low, finite } = profile;
  const cells = uppers.length + 1;
  const ends = new Float64Array(cells);
  ends.set(uppers);
  ends[cells - 1] = Math.max(current.high, uppers[cells - 2] ?? 0);
  const at = profile.negative_infinities * side.m - current.negativeInfinities * side.n;
  // Values below the reference's smallest lie in the first cell as well.
  const start = Math.min(low, current.low) - low;
  const state = Float64Array.of(at, Math.abs(at), 0, 0, start);
  const sizes = Float64Array.of(side.n, side.m, finite, current.finite.length, low);
  byStretches(
    cells,
    (from, to) => walkStretch(ends, counts, sums, side.counts, side.sums, sizes, state, from, to),
    stretch,
  );
  return { difference: state[1] ?? 0, distance: state[3] ?? 0 };
}

/**
 * @param sizes n, m, finite values of either side, the reference's smallest
 * @param state difference at the cell's start, the largest one, F − G of the finite values, the distance so far, the start
 */
function walkStretch(
  ends: Float64Array,
  before: Float64Array,
  beforeSums: Float64Array,
  after: Float64Array,
  afterSums: Float64Array,
  sizes: Float64Array,
  state: Float64Array,
  from: number,
  to: number,
): void {
  const [n = 0, m = 0, finiteBefore = 0, finiteAfter = 0, low = 0] = sizes;
  let [difference = 0, largest = 0, gap = 0, distance = 0, start = 0] = state;
  for (let cell = from; cell < to; cell += 1) {
    const a = before[cell] ?? 0;
    const b = after[cell] ?? 0;
    const end = (ends[cell] ?? 0) - low;
    const inside =
      (a * end - (beforeSums[cell] ?? 0)) / finiteBefore - (b * end - (afterSums[cell] ?? 0)) / finiteAfter;
    distance += Math.abs(gap * (end - start) + inside);
    gap += a / finiteBefore - b / finiteAfter;
    difference += a * m - b * n;
    largest = Math.max(largest, Math.abs(difference));
    start = end;
  }
  state[0] = difference;
  state[1] = largest;
  state[2] = gap;
  state[3] = distance;
  state[4] = start;
}

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
