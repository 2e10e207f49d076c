import { assignCells, type CellGrid, chooseGrid } from '../kernels/cell-grid.ts';
import {
  type ComparisonScratch,
  fits,
  mostEnds,
  newSearch,
  searchCells,
} from '../kernels/comparison-scratch.ts';
import { typescriptKernels } from '../kernels/loops.ts';

/** Values counted between given ends: entry i holds those in (ends[i − 1], ends[i]], the last one those above all ends. */
export interface CountsByEnds {
  readonly counts: Float64Array;
  /** Σ (x − origin) of each. */
  readonly sums: Float64Array;
}

/**
 * A grid's cell says where a value's search begins; with about as many cells as values between two ends it ends after a
 * comparison or two.
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
  const { grid } = chooseGrid(ends, values, searchCells, search.table);
  const into = {
    counts: search.counts.subarray(0, counts.length).fill(0),
    sums: search.sums.subarray(0, sums.length).fill(0),
  };
  const own = search.ends.subarray(0, ends.length + 1);
  own.set(ends);
  own[ends.length] = Number.POSITIVE_INFINITY;
  findFirstEnds(ends, grid, search.firstEnds);
  const { firstEnds, pairs } = search;
  kernels.tallyEnds(values, { grid, origin, firstEnds, ends: own, pairs }, into.counts, into.sums);
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

/** For each cell of the grid the first end that a value of it may not lie above: the ends of all lower cells lie below. */
function findFirstEnds(ends: Float64Array, grid: CellGrid, first: Uint32Array): void {
  const own = new Uint16Array(ends.length);
  assignCells(ends, grid, own, 0, ends.length);
  let at = 0;
  for (let from = 0; from < grid.cells; from += stretch) {
    at = findStretch(own, first, at, from, Math.min(grid.cells, from + stretch));
  }
}

/** Cells looked at in one call: `kernels/loops.ts` says why. */
const stretch = 1024;

function findStretch(own: Uint16Array, first: Uint32Array, found: number, from: number, to: number): number {
  let at = found;
  for (let cell = from; cell < to; cell += 1) {
    while (at < own.length && (own[at] ?? 0) < cell) at += 1;
    first[cell] = at;
  }
  return at;
}
