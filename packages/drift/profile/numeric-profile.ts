import type { ColumnRole } from '@watchtower/contracts';
import { byStretches } from '../kernels/by-stretches.ts';
import { sortedValues } from '../kernels/compare-sorted.ts';
import { type ScannedValues, scanValues } from '../kernels/scan-values.ts';
import type { NumericColumn } from '../table.ts';

/** Up to this many values a profile is the sample itself. */
export const exactRows = 10_000;
/** Beyond, it has this many cells of equal depth. */
export const profileCells = 4096;

/** A column of numbers in a reference profile. Cell i holds the finite values in (uppers[i − 1], uppers[i]]. */
export interface NumericProfile {
  readonly kind: 'numeric profile';
  readonly name: string;
  readonly type: NumericColumn['type'];
  readonly role: ColumnRole;
  readonly missing: number;
  readonly negative_infinities: number;
  readonly positive_infinities: number;
  /** Finite values. */
  readonly finite: number;
  /** Of the finite values; 0 where there is none. */
  readonly mean: number;
  /** Σ (x − mean)² of the finite values. */
  readonly squares: number;
  /** Smallest finite value; 0 where there is none. */
  readonly low: number;
  readonly uppers: Float64Array;
  /** Values of each cell. */
  readonly counts: Float64Array;
  /** Σ (x − low) of each cell. */
  readonly sums: Float64Array;
  /** Largest share of the values in one cell of several: what D may be off by. 0 where each cell is one distinct value. */
  readonly error: number;
}

/** Everything of a profile that does not follow from its distinct values. */
export type ProfileFrame = Pick<
  NumericProfile,
  'kind' | 'name' | 'type' | 'role' | 'missing' | 'negative_infinities' | 'positive_infinities'
>;

/** Of a reference's rows; the same, to the last bit, for every order of them. */
export function profileNumbers(column: NumericColumn): NumericProfile {
  const scanned = scanValues(column.values);
  const { name, type, role } = column;
  const frame: ProfileFrame = {
    kind: 'numeric profile',
    name,
    type,
    role,
    missing: scanned.missing,
    negative_infinities: scanned.negativeInfinities,
    positive_infinities: scanned.positiveInfinities,
  };
  return profileDistinct(frame, distinctCells(scanned));
}

interface DistinctCells {
  readonly uppers: Float64Array;
  readonly counts: Float64Array;
}

/** @param cells distinct values, ascending, with how often each occurs */
export function profileDistinct(frame: ProfileFrame, { uppers, counts }: DistinctCells): NumericProfile {
  const low = uppers[0] ?? 0;
  const sums = new Float64Array(uppers.length);
  const totals = new Float64Array(3);
  byStretches(uppers.length, (from, to) => sumCells(uppers, counts, low, sums, totals, from, to));
  const [finite = 0, sum = 0] = totals;
  const mean = finite === 0 ? 0 : low + sum / finite;
  byStretches(uppers.length, (from, to) => sumSquares(uppers, counts, mean, totals, from, to));
  const squares = totals[2] ?? 0;
  return { ...frame, finite, low, mean, squares, ...joinCells({ uppers, counts, sums, error: 0 }) };
}

/** @param totals values so far, Σ (x − low) so far */
function sumCells(
  uppers: Float64Array,
  counts: Float64Array,
  low: number,
  sums: Float64Array,
  totals: Float64Array,
  from: number,
  to: number,
): void {
  let [finite = 0, all = 0] = totals;
  for (let i = from; i < to; i += 1) {
    const count = counts[i] ?? 0;
    const sum = ((uppers[i] ?? 0) - low) * count;
    sums[i] = sum;
    finite += count;
    all += sum;
  }
  totals[0] = finite;
  totals[1] = all;
}

/** @param totals Σ (x − mean)² so far, at place 2 */
function sumSquares(
  uppers: Float64Array,
  counts: Float64Array,
  mean: number,
  totals: Float64Array,
  from: number,
  to: number,
): void {
  let squares = totals[2] ?? 0;
  for (let i = from; i < to; i += 1) squares += (counts[i] ?? 0) * ((uppers[i] ?? 0) - mean) ** 2;
  totals[2] = squares;
}

function distinctCells(scanned: ScannedValues): DistinctCells {
  const sorted = sortedValues({ ...scanned, negativeInfinities: 0, positiveInfinities: 0 });
  const uppers = new Float64Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  let cells = 0;
  byStretches(sorted.length, (from, to) => {
    cells = countDistinct(sorted, uppers, counts, cells, from, to);
  });
  return { uppers: uppers.subarray(0, cells), counts: counts.subarray(0, cells) };
}

/** @returns the cells there are now */
function countDistinct(
  sorted: Float64Array,
  uppers: Float64Array,
  counts: Float64Array,
  before: number,
  from: number,
  to: number,
): number {
  let cells = before;
  for (let i = from; i < to; i += 1) {
    // −0 and +0 are one value.
    const value = (sorted[i] ?? 0) + 0;
    if (cells === 0 || uppers[cells - 1] !== value) {
      uppers[cells] = value;
      cells += 1;
    }
    counts[cells - 1] = (counts[cells - 1] ?? 0) + 1;
  }
  return cells;
}

type Cells = Pick<NumericProfile, 'uppers' | 'counts' | 'sums' | 'error'>;

/**
 * Cells of equal depth: a cell ends where the running count reaches the next of `profileCells` equal parts. A value that
 * fills half such a part by itself gets a cell of its own, which begins right below it. Nothing is joined up to `exactRows`
 * values, or while there are no more cells than that.
 */
export function joinCells(cells: {
  readonly uppers: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly error: number;
}): Cells {
  const { uppers, counts, sums, error } = cells;
  const total = counts.reduce((all, count) => all + count, 0);
  if (uppers.length <= profileCells || (error === 0 && total <= exactRows)) return cells;
  const joined: { uppers: number[]; counts: number[]; sums: number[] } = { uppers: [], counts: [], sums: [] };
  const depth = total / profileCells;
  let before = 0;
  let count = 0;
  let sum = 0;
  let widest = 0;
  const close = (upper: number) => {
    joined.uppers.push(upper);
    joined.counts.push(count);
    joined.sums.push(sum);
    before += count;
    count = 0;
    sum = 0;
  };
  for (let i = 0; i < uppers.length; i += 1) {
    const upper = uppers[i] ?? 0;
    const own = counts[i] ?? 0;
    // Of a profile that is not exact, only a cell that begins right below its end is known to hold a single value.
    const alone = error === 0 || (i > 0 && uppers[i - 1] === justBelow(upper));
    const heavy = alone && own >= depth / 2;
    if (heavy && (count > 0 || joined.uppers.at(-1) !== justBelow(upper))) {
      widest = Math.max(widest, count);
      close(justBelow(upper));
    }
    count += own;
    sum += sums[i] ?? 0;
    if (heavy) close(upper);
    else if (before + count >= Math.ceil(before / depth + 1e-9) * depth || i + 1 === uppers.length) {
      widest = Math.max(widest, count);
      close(upper);
    }
  }
  return {
    uppers: Float64Array.from(joined.uppers),
    counts: Float64Array.from(joined.counts),
    sums: Float64Array.from(joined.sums),
    error: Math.min(1, error + widest / total),
  };
}

const bits = new DataView(new ArrayBuffer(8));

/** The largest number below this one. */
export function justBelow(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + (x > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}
