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

/** Null where anything is missing or infinite. Four sums at once: a single one would wait for itself. */
function scanFinite(values: Float64Array): ScannedValues | null {
  const { length } = values;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const a = values[i] ?? 0;
    const b = values[i + 1] ?? 0;
    const c = values[i + 2] ?? 0;
    const d = values[i + 3] ?? 0;
    sum0 += a;
    sum1 += b;
    sum2 += c;
    sum3 += d;
    if (a < low) low = a;
    if (b < low) low = b;
    if (c < low) low = c;
    if (d < low) low = d;
    if (a > high) high = a;
    if (b > high) high = b;
    if (c > high) high = c;
    if (d > high) high = d;
  }
  for (; i < length; i += 1) {
    const a = values[i] ?? 0;
    sum0 += a;
    if (a < low) low = a;
    if (a > high) high = a;
  }
  const sum = sum0 + sum1 + (sum2 + sum3);
  // NaN and ±∞ would show in the sum. A sum of finite values may overflow, which the slower way sorts out.
  if (!Number.isFinite(sum)) return null;
  return {
    finite: values,
    missing: 0,
    negativeInfinities: 0,
    positiveInfinities: 0,
    low,
    high,
    mean: sum / length,
  };
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
  for (let i = 0; i < finite.length; i += 1) {
    const deviation = (finite[i] ?? 0) - mean;
    squares += deviation * deviation;
  }
  return squares;
}
