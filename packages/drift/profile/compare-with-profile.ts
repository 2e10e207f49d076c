import { countBetween } from '../kernels/compare-sorted.ts';
import type { ComparisonScratch } from '../kernels/comparison-scratch.ts';
import { type ScannedValues, scanValues, valueCount } from '../kernels/scan-values.ts';
import { betweenRanks } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { countByEnds } from './count-by-ends.ts';
import type { NumericProfile } from './numeric-profile.ts';
import { quantileEnds, runningTotals, walkEnds } from './walk-ends.ts';

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
