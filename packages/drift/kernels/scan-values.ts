import { type ComparisonScratch, fits } from './comparison-scratch.ts';
import { typescriptKernels } from './loops.ts';

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

/** Memory a scan may use; what it finds is then valid until the next scan of the same side. */
export interface ScanMemory {
  readonly scratch: ComparisonScratch;
  readonly side: 'reference' | 'current';
}

/**
 * Counts what is not finite and finds range and mean. The array itself comes back where all of it is finite, and is
 * never changed.
 */
export function scanValues(values: Float64Array, memory?: ScanMemory): ScannedValues {
  const own = memory !== undefined && fits(memory.scratch, values) ? memory : null;
  const kernels = own?.scratch.kernels ?? typescriptKernels;
  const found = Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0);
  kernels.rangeAndSum(values, found);
  const [low = 0, high = 0, sum = 0] = found;
  // NaN and ±∞ would show in the sum. A sum of finite values may overflow, which the slower way sorts out.
  if (Number.isFinite(sum)) {
    const none = { missing: 0, negativeInfinities: 0, positiveInfinities: 0 };
    return { finite: values, ...none, low, high, mean: sum / values.length };
  }
  const kept = own === null ? new Float64Array(values.length) : own.scratch[own.side].kept;
  kernels.keepFinite(values, kept, found);
  return withGaps(values, kept, found);
}

function withGaps(values: Float64Array, kept: Float64Array, found: Float64Array): ScannedValues {
  const [low = 0, high = 0, sum = 0, finite = 0, missing = 0, negativeInfinities = 0] = found;
  return {
    finite: kept.subarray(0, finite),
    missing,
    negativeInfinities,
    positiveInfinities: values.length - finite - missing - negativeInfinities,
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
export function squaredDeviations({ finite, mean }: ScannedValues, scratch?: ComparisonScratch): number {
  const kernels = scratch !== undefined && fits(scratch, finite) ? scratch.kernels : typescriptKernels;
  return kernels.sumOfSquares(finite, mean);
}
