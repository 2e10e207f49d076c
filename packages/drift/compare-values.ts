import { compareSorted } from './kernels/compare-sorted.ts';
import { compareUnsorted } from './kernels/compare-unsorted.ts';
import type { ComparisonScratch } from './kernels/comparison-scratch.ts';
import { type ScannedValues, valueCount } from './kernels/scan-values.ts';
import type { ValueComparison } from './value-comparison.ts';

/** Up to this many values of both sides together sorting is as quick as anything else. */
const mostSorted = 32_768;

/** Both sides known value by value: exact, whichever way it is computed. */
export function compareValues(
  reference: ScannedValues,
  current: ScannedValues,
  bins: number,
  scratch?: ComparisonScratch,
): ValueComparison {
  const few = valueCount(reference) + valueCount(current) <= mostSorted;
  const empty = reference.finite.length === 0 || current.finite.length === 0;
  return few || empty
    ? compareSorted(reference, current, bins)
    : compareUnsorted(reference, current, bins, scratch);
}
