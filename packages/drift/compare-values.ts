import { compareSorted } from './kernels/compare-sorted.ts';
import { compareUnsorted } from './kernels/compare-unsorted.ts';
import type { ComparisonScratch } from './kernels/comparison-scratch.ts';
import { type ScannedValues, valueCount } from './kernels/scan-values.ts';
import type { ValueComparison } from './value-comparison.ts';

/** Up to this many values of both sides together sorting is as quick as anything else. */
const mostSorted = 4096;

/** A narrower spread can't be cut into cells: the weights of their ends would be lost among the smallest doubles. */
export const narrowestSpread = 2 ** -960;

/** Both sides known value by value: exact, whichever way it is computed. */
export function compareValues(
  reference: ScannedValues,
  current: ScannedValues,
  bins: number,
  scratch?: ComparisonScratch,
): ValueComparison {
  const few = valueCount(reference) + valueCount(current) <= mostSorted;
  const empty = reference.finite.length === 0 || current.finite.length === 0;
  const spread = Math.max(reference.high, current.high) - Math.min(reference.low, current.low);
  return few || empty || spread < narrowestSpread
    ? compareSorted(reference, current, bins)
    : compareUnsorted(reference, current, bins, scratch);
}
