import { joinCells, type NumericProfile, type ProfileFrame, profileDistinct } from './numeric-profile.ts';

/** Both windows' rows together; frames have been found to fit. Exact where both are. */
export function mergeNumbers(a: NumericProfile, b: NumericProfile): NumericProfile {
  const frame: ProfileFrame = {
    kind: 'numeric profile',
    name: a.name,
    type: a.type,
    role: a.role,
    missing: a.missing + b.missing,
    negative_infinities: a.negative_infinities + b.negative_infinities,
    positive_infinities: a.positive_infinities + b.positive_infinities,
  };
  if (b.finite === 0) return { ...a, ...frame };
  if (a.finite === 0) return { ...b, ...frame };
  const uppers = Float64Array.from(new Set([...a.uppers, ...b.uppers])).sort();
  if (a.error === 0 && b.error === 0) {
    const [before, after] = [countsOf(a), countsOf(b)];
    const filled = uppers.filter((value) => (before.get(value) ?? 0) + (after.get(value) ?? 0) > 0);
    const counts = filled.map((value) => (before.get(value) ?? 0) + (after.get(value) ?? 0));
    return profileDistinct(frame, { uppers: filled, counts });
  }
  const finite = a.finite + b.finite;
  const low = Math.min(a.low, b.low);
  const [before, after] = [spread(a, uppers, low), spread(b, uppers, low)];
  const difference = b.mean - a.mean;
  return {
    ...frame,
    finite,
    low,
    mean: a.mean + (difference * b.finite) / finite,
    // Chan, Golub & LeVeque 1979.
    squares: a.squares + b.squares + (difference * difference * a.finite * b.finite) / finite,
    ...joinCells({
      uppers,
      counts: before.counts.map((count, i) => count + (after.counts[i] ?? 0)),
      sums: before.sums.map((sum, i) => sum + (after.sums[i] ?? 0)),
      // Where a cell of one is cut by an end of the other, no more than what the cell's own error says is unknown.
      error: (a.error * a.finite + b.error * b.finite) / finite,
    }),
  };
}

const countsOf = ({ uppers, counts }: NumericProfile): ReadonlyMap<number, number> =>
  new Map(Array.from(uppers, (value, i) => [value, counts[i] ?? 0]));

/**
 * A profile's counts over finer ends: its largest values stay where they are, what lies below them in a cell is spread
 * evenly over the cell's width, in whole rows.
 */
function spread(profile: NumericProfile, ends: Float64Array, low: number) {
  const counts = new Float64Array(ends.length);
  const sums = new Float64Array(ends.length);
  let at = 0;
  let start = profile.low;
  for (const [cell, upper] of profile.uppers.entries()) {
    const count = profile.counts[cell] ?? 0;
    const width = upper - start;
    let given = 0;
    let sumLeft = (profile.sums[cell] ?? 0) + count * (profile.low - low);
    let from = start - low;
    while (at < ends.length && (ends[at] ?? 0) <= upper) {
      const end = ends[at] ?? 0;
      const share = profile.error > 0 && width > 0 ? Math.max(0, (end - start) / width) : 0;
      const upTo = end === upper ? count : Math.floor(share * count);
      const own = upTo - given;
      const to = end - low;
      const even = (own * (from + to)) / 2;
      // The last part takes what is left of the sum, as far as values of its width can.
      const sum = end === upper ? Math.min(own * to, Math.max(own * from, sumLeft)) : even;
      counts[at] = own;
      sums[at] = sum;
      sumLeft -= sum;
      given = upTo;
      from = to;
      at += 1;
    }
    start = upper;
  }
  return { counts, sums };
}
