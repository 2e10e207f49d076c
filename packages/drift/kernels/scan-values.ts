import { byStretches, rangeAndSum, sumOfSquares } from './loops.ts';

/** One side of a column of numbers, taken apart. */
export interface ScannedValues {
  /** The finite values, in the order of the rows. */
  readonly finite: Float64Array;
  /** Rows without a value (NaN). */
  readonly missing: number;
  readonly negativeInfinities: number;
  readonly positiveInfinities: number;
  /** Smallest and largest finite value; +∞ and −∞ where there is none. */
  readonly low: number;
  readonly high: number;
  /** Of the finite values; NaN where there is none. */
  readonly mean: number;
}

/** Values in the sense of the tests: all but the missing ones, infinities included. */
export const valueCount = (scanned: ScannedValues): number =>
  scanned.finite.length + scanned.negativeInfinities + scanned.positiveInfinities;

/**
 * Counts what is not finite and finds range and mean. The array itself comes back where all of it is finite, and is
 * never changed.
 */
export function scanValues(values: Float64Array): ScannedValues {
  return scanFinite(values) ?? scanWithGaps(values);
}

/** Null where anything is missing or infinite. */
function scanFinite(values: Float64Array): ScannedValues | null {
  const found = Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0);
  byStretches(values.length, (from, to) => rangeAndSum(values, found, from, to));
  const [low = 0, high = 0, sum = 0] = found;
  // NaN and ±∞ would show in the sum. A sum of finite values may overflow, which the slower way sorts out.
  if (!Number.isFinite(sum)) return null;
  const none = { missing: 0, negativeInfinities: 0, positiveInfinities: 0 };
  return { finite: values, ...none, low, high, mean: sum / values.length };
}

function scanWithGaps(values: Float64Array): ScannedValues {
  const { length } = values;
  const kept = new Float64Array(length);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let finite = 0;
  let missing = 0;
  let negativeInfinities = 0;
  for (let i = 0; i < length; i += 1) {
    const x = values[i] ?? 0;
    // False for NaN and for both infinities.
    if (x - x === 0) {
      kept[finite] = x;
      finite += 1;
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
    } else if (Number.isNaN(x)) missing += 1;
    else if (x < 0) negativeInfinities += 1;
  }
  return {
    finite: kept.subarray(0, finite),
    missing,
    negativeInfinities,
    positiveInfinities: length - finite - missing - negativeInfinities,
    low,
    high,
    mean: Number.isFinite(sum) ? sum / finite : meanByShares(values, finite),
  };
}

function meanByShares(values: Float64Array, finite: number): number {
  let mean = 0;
  for (const x of values) if (x - x === 0) mean += x / finite;
  return mean;
}

/** Σ (x − mean)² of the finite values. */
export function squaredDeviations({ finite, mean }: ScannedValues): number {
  let squares = 0;
  byStretches(finite.length, (from, to) => {
    squares += sumOfSquares(finite, mean, from, to);
  });
  return squares;
}
