import { countUpTo } from '../kernels/compare-sorted.ts';
import type { ComparisonScratch } from '../kernels/comparison-scratch.ts';
import { type ScannedValues, valueCount } from '../kernels/scan-values.ts';
import { betweenRanks, distinctEdges, interpolate, quantilePositions } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { countByEnds } from './count-by-ends.ts';
import { justBelow, type NumericProfile } from './numeric-profile.ts';
import { firstAbove, runningTotals, walkEnds } from './walk-ends.ts';

/**
 * Against a profile whose cells are one distinct value each. Current values are counted at those values and between them: F and
 * G are known wherever F moves and right before, so that D is exact. So is the Wasserstein distance where F − G keeps its sign
 * between two of the values, and a rank where no current value lies between the two that its edge lies between: columns of many
 * rows and few values are, as a rule, of the same few values on both sides.
 *
 * @returns null where that is not so, or the values are too many: the sample has to be written out
 */
export function compareWithDistinct(
  profile: NumericProfile,
  current: ScannedValues,
  bins: number,
  scratch?: ComparisonScratch,
): ValueComparison | null {
  const doubled = withGaps(profile);
  const { counts, sums } = countByEnds(current.finite, doubled.uppers, profile.low, scratch);
  if (changesSign(doubled, counts, current.finite.length)) return null;
  const n = profile.finite + profile.negative_infinities + profile.positive_infinities;
  const m = valueCount(current);
  const { difference, distance } = walkEnds(doubled, current, { counts, sums, n, m });
  const edges = edgesOf(profile, n, bins);
  const ranks = ranksOf(edges, { profile, doubled, counts, current });
  if (ranks === null) return null;
  return {
    n,
    m,
    difference,
    error: 0,
    wasserstein: distance,
    edges,
    reference: betweenRanks(
      ranks.map((rank) => rank.reference),
      n,
    ),
    current: betweenRanks(
      ranks.map((rank) => rank.current),
      m,
    ),
  };
}

/** The same profile with an empty cell before each value. */
function withGaps(profile: NumericProfile): NumericProfile {
  const cells = profile.uppers.length;
  const doubled = {
    uppers: new Float64Array(2 * cells),
    counts: new Float64Array(2 * cells),
    sums: new Float64Array(2 * cells),
  };
  for (let cell = 0; cell < cells; cell += 1) {
    const value = profile.uppers[cell] ?? 0;
    doubled.uppers[2 * cell] = justBelow(value);
    doubled.uppers[2 * cell + 1] = value;
    doubled.counts[2 * cell + 1] = profile.counts[cell] ?? 0;
    doubled.sums[2 * cell + 1] = profile.sums[cell] ?? 0;
  }
  return { ...profile, ...doubled };
}

/** Whether F − G falls from above zero to below among values of the current side alone. */
function changesSign(doubled: NumericProfile, counts: Float64Array, finite: number): boolean {
  let gap = 0;
  for (let cell = 0; cell < doubled.counts.length; cell += 1) {
    const after = gap + (doubled.counts[cell] ?? 0) * finite - (counts[cell] ?? 0) * doubled.finite;
    if (cell % 2 === 0 && gap > 0 && after < 0) return true;
    gap = after;
  }
  return false;
}

/** Quantiles of the sample. */
function edgesOf(profile: NumericProfile, n: number, bins: number): readonly number[] {
  const totals = runningTotals(profile.counts);
  const value = (rank: number): number => {
    const finiteRank = rank - profile.negative_infinities;
    if (finiteRank < 0) return Number.NEGATIVE_INFINITY;
    if (finiteRank >= profile.finite) return Number.POSITIVE_INFINITY;
    return profile.uppers[firstAbove(totals, finiteRank)] ?? 0;
  };
  return distinctEdges(
    quantilePositions(n, bins).map(({ below, above, part }) => interpolate(value(below), value(above), part)),
  );
}

interface Counted {
  readonly profile: NumericProfile;
  readonly doubled: NumericProfile;
  readonly counts: Float64Array;
  readonly current: ScannedValues;
}

type Ranks = readonly { readonly reference: number; readonly current: number }[];

/** Values up to each edge; null where values of the current side lie around one. */
function ranksOf(edges: readonly number[], { profile, doubled, counts, current }: Counted): Ranks | null {
  const before = runningTotals(doubled.counts);
  const after = runningTotals(counts);
  const { negative_infinities, positive_infinities, finite } = profile;
  const infinities = { reference: negative_infinities, current: current.negativeInfinities };
  const ranks: Ranks[number][] = [];
  for (const edge of edges) {
    if (edge === Number.NEGATIVE_INFINITY) ranks.push(infinities);
    else if (edge === Number.POSITIVE_INFINITY) {
      const reference = negative_infinities + finite + positive_infinities;
      ranks.push({ reference, current: valueCount(current) });
    } else {
      // Ends at most as large as the edge: an odd number where it lies right below a value, which no number is between.
      const ends = countUpTo(doubled.uppers, edge);
      const isBetween = ends % 2 === 0 && doubled.uppers[ends - 1] !== edge;
      if (isBetween && (counts[ends] ?? 0) > 0) return null;
      ranks.push({
        reference: infinities.reference + (before[ends - 1] ?? 0),
        current: infinities.current + (after[ends - 1] ?? 0),
      });
    }
  }
  return ranks;
}
