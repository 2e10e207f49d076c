import { assignCells, type CellGrid, chooseGrid } from '../kernels/cell-grid.ts';
import { byStretches } from '../kernels/loops.ts';

/** Values counted between given ends: entry i holds those in (ends[i − 1], ends[i]], the last one those above all ends. */
export interface CountsByEnds {
  readonly counts: Float64Array;
  /** Σ (x − origin) of each. */
  readonly sums: Float64Array;
}

const cells = 65_536;

/**
 * A grid's cell says where a value's search begins; with about as many cells as values between two ends it ends after a
 * comparison or two.
 *
 * @param ends ascending, distinct, finite
 */
export function countByEnds(values: Float64Array, ends: Float64Array, origin: number): CountsByEnds {
  const counts = new Float64Array(ends.length + 1);
  const sums = new Float64Array(ends.length + 1);
  if (values.length === 0) return { counts, sums };
  if (ends.length <= 32) return countByFewEnds(values, ends, origin, { counts, sums });
  const { grid } = chooseGrid(ends, values, cells);
  const first = firstEnds(ends, grid);
  const assigned = new Uint16Array(values.length);
  assignCells(values, grid, assigned);
  byStretches(values.length, (from, to) =>
    countStretch(values, assigned, first, ends, origin, counts, sums, from, to),
  );
  return { counts, sums };
}

function countStretch(
  values: Float64Array,
  assigned: Uint16Array,
  first: Uint32Array,
  ends: Float64Array,
  origin: number,
  counts: Float64Array,
  sums: Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const x = values[i] ?? 0;
    let at = first[assigned[i] ?? 0] ?? 0;
    while (at < ends.length && x > (ends[at] ?? 0)) at += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    sums[at] = (sums[at] ?? 0) + (x - origin);
  }
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
function firstEnds(ends: Float64Array, grid: CellGrid): Uint32Array {
  const own = new Uint16Array(ends.length);
  assignCells(ends, grid, own);
  const first = new Uint32Array(grid.cells);
  let at = 0;
  for (let cell = 0; cell < grid.cells; cell += 1) {
    while (at < ends.length && (own[at] ?? 0) < cell) at += 1;
    first[cell] = at;
  }
  return first;
}
