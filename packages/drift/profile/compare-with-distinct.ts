import { countUpTo } from '../kernels/compare-sorted.ts';
import { type ComparisonScratch, fits } from '../kernels/comparison-scratch.ts';
import { typescriptKernels } from '../kernels/loops.ts';
import { type ScannedValues, valueCount } from '../kernels/scan-values.ts';
import { betweenRanks, interpolate } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { countByEnds } from './count-by-ends.ts';
import { justBelow, type NumericProfile } from './numeric-profile.ts';
import { quantileEnds, runningTotals } from './profile-quantiles.ts';

/** Gaps whose values are looked at one by one; each is a pass over all values. */
const mostOpen = 16;

/**
 * Against a profile whose cells are one distinct value each. Current values are counted at those values and in the gaps between
 * them: F and G are known wherever F moves and right before, so that D is exact. Columns of many rows and few values are, as a
 * rule, of the same few values on both sides, and the gaps are empty. Where one is not and F − G changes its sign in it, or an edge
 * lies in it, its values are looked at, and the Wasserstein distance and the ranks are exact as well.
 *
 * @returns null where that are many gaps, or the distance would be inexact: the sample has to be written out
 */
export function compareWithDistinct(
  profile: NumericProfile,
  current: ScannedValues,
  bins: number,
  scratch?: ComparisonScratch,
): ValueComparison | null {
  const doubled = withGaps(profile);
  const { counts, sums } = countByEnds(current.finite, doubled.uppers, profile.low, scratch);
  const n = profile.finite + profile.negative_infinities + profile.positive_infinities;
  const m = valueCount(current);
  const edges = quantileEnds(profile, bins, interpolate);
  const { difference, crossed } = walkGaps(doubled, counts, current, { n, m });
  const open = new Set([...crossed, ...edges.map((edge) => gapOf(edge, doubled))]);
  const filled = [...open].filter((gap) => (counts[gap] ?? 0) > 0);
  if (filled.length > mostOpen) return null;
  const inside = valuesInside(filled, doubled, current.finite, scratch);
  const { distance, error } = distanceOver(doubled, { counts, sums, inside, current });
  // Beside a value far away from all others, sums that are seen from it do not tell the others apart; those of the largest
  // numbers there are overflow.
  if (!(error <= mostError * distance)) return null;
  const ranks = ranksOf(edges, { profile, doubled, counts, current, inside });
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

/** A profile with an empty cell before each value. */
type Doubled = Omit<NumericProfile, 'sums'>;

function withGaps({ sums: _sums, ...profile }: NumericProfile): Doubled {
  const cells = profile.uppers.length;
  const doubled = {
    uppers: new Float64Array(2 * cells),
    counts: new Float64Array(2 * cells),
  };
  for (let cell = 0; cell < cells; cell += 1) {
    const value = profile.uppers[cell] ?? 0;
    doubled.uppers[2 * cell] = justBelow(value);
    doubled.uppers[2 * cell + 1] = value;
    doubled.counts[2 * cell + 1] = profile.counts[cell] ?? 0;
  }
  return { ...profile, ...doubled };
}

interface Walked {
  /** D·n·m. */
  readonly difference: number;
  /** Gaps in which F − G of the finite values falls from above zero to below. */
  readonly crossed: readonly number[];
}

/** One walk over gaps and values, at whose ends alone the difference can be largest. @param sizes values, infinities included */
function walkGaps(
  doubled: Doubled,
  counts: Float64Array,
  current: ScannedValues,
  { n, m }: { readonly n: number; readonly m: number },
): Walked {
  const crossed: number[] = [];
  let gap = 0;
  let difference = doubled.negative_infinities * m - current.negativeInfinities * n;
  let largest = Math.abs(difference);
  for (let cell = 0; cell < counts.length; cell += 1) {
    const before = doubled.counts[cell] ?? 0;
    const after = counts[cell] ?? 0;
    const next = gap + before * current.finite.length - after * doubled.finite;
    if (cell % 2 === 0 && gap > 0 && next < 0) crossed.push(cell);
    gap = next;
    difference += before * m - after * n;
    largest = Math.max(largest, Math.abs(difference));
  }
  return { difference: largest, crossed };
}

/** The gap that an edge lies in; −1 where it is one of the ends. */
function gapOf(edge: number, { uppers }: Doubled): number {
  if (!Number.isFinite(edge)) return -1;
  const ends = countUpTo(uppers, edge);
  return ends % 2 === 0 && uppers[ends - 1] !== edge ? ends : -1;
}

/** The values in each of these gaps, ascending. */
function valuesInside(
  gaps: readonly number[],
  { uppers }: Doubled,
  values: Float64Array,
  given: ComparisonScratch | undefined,
): ReadonlyMap<number, Float64Array> {
  const own = given !== undefined && fits(given, values) ? given : null;
  const kernels = own?.kernels ?? typescriptKernels;
  const into = own?.current.sorted ?? new Float64Array(values.length);
  return new Map(
    gaps.map((gap) => {
      const found = kernels.valuesBetween(
        values,
        uppers[gap - 1] ?? -Infinity,
        uppers[gap] ?? Infinity,
        into,
      );
      return [gap, into.slice(0, found).sort()] as const;
    }),
  );
}

/** Share of the distance that may be lost to rounding. */
const mostError = 1e-9;
const rounding = 2 ** -50;

interface CountedValues {
  readonly counts: Float64Array;
  /** Σ (x − low) of each cell. */
  readonly sums: Float64Array;
  readonly inside: ReadonlyMap<number, Float64Array>;
  readonly current: ScannedValues;
}

/**
 * ∫|F − G|, gap by gap: from the values where they were looked at, from width alone where there are none, else from their sum.
 *
 * @returns also what rounding may have cost
 */
function distanceOver(
  { uppers, counts: before, low, finite }: Doubled,
  { counts, sums, inside, current }: CountedValues,
): { readonly distance: number; readonly error: number } {
  const m = current.finite.length;
  let difference = 0;
  let distance = 0;
  let error = 0;
  let start = Math.min(low, current.low);
  for (let gap = 0; gap < counts.length; gap += 2) {
    const end = uppers[gap + 1] ?? Math.max(start, current.high);
    const own = counts[gap] ?? 0;
    const share = difference / (finite * m);
    const values = inside.get(gap);
    if (own === 0) distance += Math.abs(share) * (end - start);
    else if (values === undefined) {
      const sum = sums[gap] ?? 0;
      distance += Math.abs(share * (end - start) - (own * (end - low) - sum) / m);
      error += (rounding * (own * Math.abs(end - low) + Math.abs(sum))) / m;
    } else distance += areaInside(values, start, end, share, 1 / m);
    difference += (before[gap + 1] ?? 0) * m - (counts[gap + 1] ?? 0) * finite - own * finite;
    start = end;
  }
  return { distance, error };
}

/** ∫|F − G| over a gap that it enters with this share, and in which each value takes a step from it. */
function areaInside(values: Float64Array, start: number, end: number, share: number, step: number): number {
  let left = share;
  let from = start;
  let area = 0;
  for (const value of values) {
    area += Math.abs(left) * (value - from);
    left -= step;
    from = value;
  }
  return area + Math.abs(left) * (end - from);
}

interface Counted {
  readonly profile: NumericProfile;
  readonly doubled: Doubled;
  readonly counts: Float64Array;
  readonly current: ScannedValues;
  readonly inside: ReadonlyMap<number, Float64Array>;
}

interface Ranks {
  readonly reference: number;
  readonly current: number;
}

/** Values up to each edge. */
function ranksOf(edges: readonly number[], counted: Counted): readonly Ranks[] {
  const { profile, doubled, counts, current, inside } = counted;
  const before = runningTotals(doubled.counts);
  const after = runningTotals(counts);
  const { negative_infinities, positive_infinities, finite } = profile;
  const lowest = { reference: negative_infinities, current: current.negativeInfinities };
  const all = { reference: negative_infinities + finite + positive_infinities, current: valueCount(current) };
  return edges.map((edge) => {
    if (!Number.isFinite(edge)) return edge < 0 ? lowest : all;
    const ends = countUpTo(doubled.uppers, edge);
    const within = inside.get(gapOf(edge, doubled));
    return {
      reference: lowest.reference + (before[ends - 1] ?? 0),
      current: lowest.current + (after[ends - 1] ?? 0) + (within === undefined ? 0 : countUpTo(within, edge)),
    };
  });
}
