import { type ComparisonScratch, fits, mostEnds, newSearch } from '../kernels/comparison-scratch.ts';
import { binEnds } from '../kernels/end-bins.ts';
import { typescriptKernels } from '../kernels/loops.ts';

/** Values counted between given ends: entry i holds those in (ends[i − 1], ends[i]], the last one those above all ends. */
export interface CountsByEnds {
  readonly counts: Float64Array;
  /** Σ (x − origin) of each. */
  readonly sums: Float64Array;
}

/**
 * A value's bin says where its search begins; it ends after a comparison, or a few where a bin holds several ends.
 *
 * @param ends ascending, distinct, finite
 */
export function countByEnds(
  values: Float64Array,
  ends: Float64Array,
  origin: number,
  given?: ComparisonScratch,
): CountsByEnds {
  const counts = new Float64Array(ends.length + 1);
  const sums = new Float64Array(ends.length + 1);
  if (values.length === 0) return { counts, sums };
  if (ends.length <= 32) return countByFewEnds(values, ends, origin, { counts, sums });
  const usable = given !== undefined && fits(given, values) && ends.length <= mostEnds;
  const { kernels, search } = usable ? given : { kernels: typescriptKernels, search: newSearch(ends.length) };
  const into = {
    counts: search.counts.subarray(0, counts.length).fill(0),
    sums: search.sums.subarray(0, sums.length).fill(0),
  };
  const own = search.ends.subarray(0, ends.length + 1);
  own.set(ends);
  own[ends.length] = Number.POSITIVE_INFINITY;
  const { first, pairs } = search;
  kernels.tallyEnds(values, { bins: binEnds(ends, first), origin, ends: own, pairs }, into.counts, into.sums);
  counts.set(into.counts);
  sums.set(into.sums);
  return { counts, sums };
}

function countByFewEnds(
  values: Float64Array,
  ends: Float64Array,
  origin: number,
  into: CountsByEnds,
): CountsByEnds {
  const { counts, sums } = into;
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i] ?? 0;
    let at = 0;
    for (let k = 0; k < ends.length; k += 1) at += x > (ends[k] ?? 0) ? 1 : 0;
    counts[at] = (counts[at] ?? 0) + 1;
    sums[at] = (sums[at] ?? 0) + (x - origin);
  }
  return into;
}
