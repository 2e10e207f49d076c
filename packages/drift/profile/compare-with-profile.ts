import { byStretches } from '../kernels/by-stretches.ts';
import { countBetween } from '../kernels/compare-sorted.ts';
import type { ComparisonScratch } from '../kernels/comparison-scratch.ts';
import { type ScannedValues, scanValues, valueCount } from '../kernels/scan-values.ts';
import { betweenRanks } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { countByEnds } from './count-by-ends.ts';
import type { NumericProfile } from './numeric-profile.ts';
import { quantileEnds, runningTotals } from './profile-quantiles.ts';

/** The sample a profile stands for, where each cell is one distinct value; else null. */
export function expandProfile(profile: NumericProfile, scratch?: ComparisonScratch): ScannedValues | null {
  if (profile.error > 0) return null;
  // Where values without gaps were kept if the reference were read.
  const room = scratch?.reference.kept;
  const values =
    room !== undefined && room.length >= profile.finite
      ? room.subarray(0, profile.finite)
      : new Float64Array(profile.finite);
  let next = 0;
  for (const [cell, upper] of profile.uppers.entries()) {
    const end = next + (profile.counts[cell] ?? 0);
    values.fill(upper, next, end);
    next = end;
  }
  return {
    ...scanValues(values, scratch && { scratch, side: 'reference' }),
    missing: profile.missing,
    negativeInfinities: profile.negative_infinities,
    positiveInfinities: profile.positive_infinities,
  };
}

/**
 * Against the cells of a profile that is not exact, instead of values. Both distribution functions are known exactly at the cells' ends (the current one
 * everywhere), so D is at least what is found there and at most `error` more; the Wasserstein distance is a lower bound
 * that misses only what changes sign inside a cell.
 */
export function compareWithProfile(
  profile: NumericProfile,
  current: ScannedValues,
  bins: number,
  scratch?: ComparisonScratch,
): ValueComparison {
  const n = profile.finite + profile.negative_infinities + profile.positive_infinities;
  const m = valueCount(current);
  const { counts, sums } = countByEnds(current.finite, profile.uppers, profile.low, scratch);
  const seen = walkEnds(profile, current, { counts, sums, n, m });
  // Quantiles at cells' ends, where they are known: between two of them nothing is known of either side.
  const edges = quantileEnds(profile, bins, (below, above, part) => (part < 0.5 ? below : above));
  const currentTotals = runningTotals(counts);
  const cumulative = runningTotals(profile.counts);
  const reference = betweenRanks(
    edges.map((edge) => rankInProfile(profile, profile.uppers, cumulative, edge)),
    n,
  );
  return {
    n,
    m,
    difference: seen.difference,
    error: profile.error,
    wasserstein: seen.distance,
    edges,
    reference,
    current: betweenRanks(
      edges.map((edge) => rankOfEnd(current, profile.uppers, currentTotals, edge)),
      m,
    ),
  };
}

/** Cells walked over in one call: a profile has too few for the usual stretch. */
const stretch = 512;

/**
 * D·n·m at the cells' ends, and ∫|F − G| as if F − G kept its sign inside each cell.
 *
 * @param side the current values, counted by the profile's ends
 */
function walkEnds(
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

function rankInProfile(
  profile: NumericProfile,
  uppers: Float64Array,
  cumulative: Float64Array,
  edge: number,
): number {
  if (edge === Number.NEGATIVE_INFINITY) return profile.negative_infinities;
  if (edge === Number.POSITIVE_INFINITY) {
    return profile.negative_infinities + profile.finite + profile.positive_infinities;
  }
  const [cells = 0] = countBetween(uppers, [edge]);
  return profile.negative_infinities + (cells === 0 ? 0 : (cumulative[cells - 1] ?? 0));
}

/** Current values up to an edge, which is one of the profile's ends. */
function rankOfEnd(current: ScannedValues, uppers: Float64Array, totals: Float64Array, edge: number): number {
  if (edge === Number.NEGATIVE_INFINITY) return current.negativeInfinities;
  if (edge === Number.POSITIVE_INFINITY) return valueCount(current);
  const [ends = 0] = countBetween(uppers, [edge]);
  return current.negativeInfinities + (ends === 0 ? 0 : (totals[ends - 1] ?? 0));
}
