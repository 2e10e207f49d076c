import { assignCells, type CellGrid } from './cell-grid.ts';
import { byStretches, countAndSum, countTied, pickWanted, placeByCell, sumCells } from './loops.ts';

/** One side of a column, counted by cell. */
export interface CellTally {
  readonly values: Float64Array;
  /** Cell of each value. */
  readonly cells: Uint16Array;
  readonly counts: Uint32Array;
  /** Σ (x − origin) of each cell. */
  readonly sums: Float64Array;
  /** The first value of each cell. */
  readonly first: Float64Array;
  /** 1 where a cell may hold more than one distinct value. */
  readonly mixed: Uint8Array;
}

/** Memory for one side, grown as needed and used again. */
export interface TallyScratch {
  cells: Uint16Array;
  counts: Uint32Array;
  sums: Float64Array;
  first: Float64Array;
  mixed: Uint8Array;
  gathered: Float64Array;
  gatheredCells: Uint16Array;
  sorted: Float64Array;
}

export const newTallyScratch = (): TallyScratch => ({
  cells: new Uint16Array(0),
  counts: new Uint32Array(0),
  sums: new Float64Array(0),
  first: new Float64Array(0),
  mixed: new Uint8Array(0),
  gathered: new Float64Array(0),
  gatheredCells: new Uint16Array(0),
  sorted: new Float64Array(0),
});

/**
 * Counts and sums values by cell. Where ties are likely it also finds the cells that hold one value alone, which then need
 * no sorting.
 */
export function tallyCells(
  values: Float64Array,
  grid: CellGrid,
  origin: number,
  tied: boolean,
  scratch: TallyScratch,
): CellTally {
  if (scratch.cells.length < values.length) scratch.cells = new Uint16Array(values.length);
  const cells = scratch.cells.subarray(0, values.length);
  assignCells(values, grid, cells);
  if (scratch.counts.length < grid.cells) {
    scratch.counts = new Uint32Array(grid.cells);
    scratch.sums = new Float64Array(grid.cells);
    scratch.first = new Float64Array(grid.cells);
    scratch.mixed = new Uint8Array(grid.cells);
  }
  const counts = scratch.counts.subarray(0, grid.cells).fill(0);
  const sums = scratch.sums.subarray(0, grid.cells).fill(0);
  const first = scratch.first.subarray(0, tied ? grid.cells : 0);
  const mixed = scratch.mixed.subarray(0, grid.cells).fill(tied ? 0 : 1);
  byStretches(values.length, (from, to) => {
    if (tied) {
      countTied(values, cells, counts, first, mixed, from, to);
      sumCells(values, cells, origin, sums, from, to);
    } else countAndSum(values, cells, origin, counts, sums, from, to);
  });
  return { values, cells, counts, sums, first, mixed };
}

/** The values of the wanted cells, sorted, cell after cell. */
export interface GatheredCells {
  readonly values: Float64Array;
  /** Where a wanted cell's values begin; they are as many as the tally counts. */
  readonly starts: Uint32Array;
}

export function gatherCells(tally: CellTally, wanted: Uint8Array, scratch: TallyScratch): GatheredCells {
  const { values, cells, counts } = tally;
  const next = new Uint32Array(counts.length);
  let total = 0;
  byStretches(counts.length, (from, to) => {
    total = startsOfWanted(counts, wanted, next, total, from, to);
  });
  const starts = next.slice();
  if (scratch.gathered.length <= total) {
    scratch.gathered = new Float64Array(total + 1024);
    scratch.gatheredCells = new Uint16Array(total + 1024);
    scratch.sorted = new Float64Array(total + 1024);
  }
  const { gathered, gatheredCells, sorted } = scratch;
  if (total > 0) {
    let end = 0;
    byStretches(values.length, (from, to) => {
      end = pickWanted(values, cells, wanted, gathered, gatheredCells, end, from, to);
    });
    byStretches(total, (from, to) => placeByCell(gathered, gatheredCells, next, sorted, from, to));
  }
  return { values: sorted, starts };
}

function startsOfWanted(
  counts: Uint32Array,
  wanted: Uint8Array,
  starts: Uint32Array,
  before: number,
  from: number,
  to: number,
): number {
  let total = before;
  for (let cell = from; cell < to; cell += 1) {
    starts[cell] = total;
    if (wanted[cell] !== 0) total += counts[cell] ?? 0;
  }
  return total;
}
