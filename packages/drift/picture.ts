import { type ScannedValues, scanValues } from './kernels/scan-values.ts';
import type { NumericSide } from './numeric-side.ts';
import { expandProfile } from './profile/compare-with-profile.ts';
import { countByEnds } from './profile/count-by-ends.ts';
import type { NumericColumn } from './table.ts';

/** What a drawing of a column of numbers needs: both sides counted between the same ends. */
export interface NumericPicture {
  /** Ascending; the first cell lies below the first end, the last one above the last. */
  readonly ends: readonly number[];
  /** Values of each cell: one more than ends. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

const columns = 48;
const sampleSize = 4096;

/** The middle 99 % of both sides in cells of equal width, the rest in the outer ones. Null where a side has no finite value. */
export function drawNumbers(reference: NumericSide, current: NumericColumn): NumericPicture | null {
  const after = scanValues(current.values);
  const before = reference.kind === 'numeric' ? scanValues(reference.values) : expandProfile(reference);
  const landmarks =
    before === null && reference.kind === 'numeric profile' ? reference.uppers : sampleOf(before);
  if (landmarks.length === 0 || after.finite.length === 0) return null;
  const [low, high] = middle(landmarks, sampleOf(after));
  const width = (high - low) / columns;
  const ends =
    width > 0 && Number.isFinite(width)
      ? Float64Array.from({ length: columns + 1 }, (_, i) => low + i * width)
      : Float64Array.of(low);
  const distinct = ends.filter((end, i) => i === 0 || end > (ends[i - 1] ?? end));
  return {
    ends: Array.from(distinct),
    reference: Array.from(
      before === null && reference.kind === 'numeric profile'
        ? spreadProfile(reference, distinct)
        : countByEnds(before?.finite ?? new Float64Array(0), distinct, 0).counts,
    ),
    current: Array.from(countByEnds(after.finite, distinct, 0).counts),
  };
}

function sampleOf(scanned: ScannedValues | null): Float64Array {
  const finite = scanned?.finite ?? new Float64Array(0);
  const step = Math.max(1, Math.ceil(finite.length / sampleSize));
  return Float64Array.from(
    { length: Math.ceil(finite.length / step) },
    (_, i) => finite[i * step] ?? 0,
  ).sort();
}

function middle(a: Float64Array, b: Float64Array): readonly [number, number] {
  const at = (sorted: Float64Array, share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [Math.min(at(a, 0.005), at(b, 0.005)), Math.max(at(a, 0.995), at(b, 0.995))];
}

/** Each of the profile's cells at its end: close enough to draw. */
function spreadProfile(
  profile: { readonly uppers: Float64Array; readonly counts: Float64Array },
  ends: Float64Array,
): Float64Array {
  const counts = new Float64Array(ends.length + 1);
  let cell = 0;
  for (const [i, upper] of profile.uppers.entries()) {
    while (cell < ends.length && upper > (ends[cell] ?? 0)) cell += 1;
    counts[cell] = (counts[cell] ?? 0) + (profile.counts[i] ?? 0);
  }
  return counts;
}
