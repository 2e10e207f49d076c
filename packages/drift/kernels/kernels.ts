import type { CellGrid } from './cell-grid.ts';
import type { EndBins } from './end-bins.ts';

/** One side of a column, counted by cell. */
export interface CellTally {
  readonly values: Float64Array;
  /** Cell of each value. */
  readonly cells: Uint16Array;
  readonly counts: Uint32Array;
  /** Σ (x − origin) of each cell. */
  readonly sums: Float64Array;
  /** The first value of each cell, where ties were looked for. */
  readonly first: Float64Array;
  /** 1 where a cell may hold more than one distinct value. */
  readonly mixed: Uint8Array;
  /** Values in a cell and all lower ones. */
  readonly totals: Uint32Array;
  /** Two numbers a cell to work with. */
  readonly pairs: Float64Array;
}

/** The values of the wanted cells, sorted, cell after cell. */
export interface GatheredCells {
  readonly values: Float64Array;
  /** Where a wanted cell's values begin; they are as many as the tally counts. */
  readonly starts: Uint32Array;
}

/** Both sides of a comparison: how many values (infinities are values for D, and not for the distance), and from where sums count. */
export interface SideSizes {
  readonly n: number;
  readonly m: number;
  readonly finiteReference: number;
  readonly finiteCurrent: number;
  readonly negativeInfinitiesReference: number;
  readonly negativeInfinitiesCurrent: number;
  readonly origin: number;
}

/** Where values lie between given ends. */
export interface EndSearch {
  readonly bins: EndBins;
  readonly origin: number;
  /** +∞ after the last one. */
  readonly ends: Float64Array;
  /** Two numbers for each of them to work with. */
  readonly pairs: Float64Array;
}

/**
 * The loops that see every value. There are two of each, which give the same bits: in TypeScript (`loops.ts`) for arrays
 * anywhere, in WebAssembly for arrays in its memory (`kernel-memory.ts`).
 */
export interface Kernels {
  /** Smallest, largest and sum so far, in `out`; the sum of anything missing or infinite is not finite. */
  rangeAndSum(values: Float64Array, out: Float64Array): void;
  sumOfSquares(values: Float64Array, mean: number): number;
  /**
   * Writes the finite values to `kept`, in their order.
   *
   * @param out smallest, largest, sum, number of finite values, missing ones, negative infinities
   */
  keepFinite(values: Float64Array, kept: Float64Array, out: Float64Array): void;
  /** Cells of the values, counts and sums of the cells. Where `tied`, also each cell's first value, and which hold others. */
  tally(tally: CellTally, grid: CellGrid, origin: number, tied: boolean): void;
  /**
   * Values in (ends[i − 1], ends[i]]: how many, and Σ (x − origin); the last entry is for those above all ends.
   *
   * @param counts and sums: zeros
   */
  tallyEnds(values: Float64Array, search: EndSearch, counts: Float64Array, sums: Float64Array): void;
  /**
   * Writes the values in (above, upTo], in their order.
   *
   * @param into as long as there are such values, at least
   * @returns how many there are
   */
  valuesBetween(values: Float64Array, above: number, upTo: number, into: Float64Array): number;
  /** Sums of counts up to and with each cell. */
  runningTotals(counts: Uint32Array, totals: Uint32Array): void;
  /** Upper ends of the grid's cells, from the origin on, none beyond `high`. */
  cellEnds(grid: CellGrid, origin: number, high: number, ends: Float64Array): void;
  /** Marks cells all of whose values, of both sides, are equal. */
  singleCells(before: CellTally, after: CellTally, single: Uint8Array): void;
  /**
   * Marks the cells in which the largest difference may lie, or F − G may change its sign. Inside a cell that F − G enters with d,
   * with shares a of the reference and b of the current, it stays between d − b and d + a.
   */
  markUndecided(
    before: CellTally,
    after: CellTally,
    single: Uint8Array,
    sizes: SideSizes,
    wanted: Uint8Array,
  ): void;
  /** Takes the wanted cells' values and sorts them cell by cell. @param next memory to work with: as long as `starts`, and 512 bytes at least */
  gatherSorted(tally: CellTally, wanted: Uint8Array, gathered: GatheredCells, next: Uint32Array): void;
  /** One walk over all cells, from left to right. @param ends upper ends, seen from the origin */
  walk(
    before: CellTally,
    after: CellTally,
    cells: WalkedCells,
    sizes: SideSizes,
  ): { readonly difference: number; readonly wasserstein: number };
}

export interface WalkedCells {
  readonly before: GatheredCells;
  readonly after: GatheredCells;
  readonly single: Uint8Array;
  readonly wanted: Uint8Array;
  readonly ends: Float64Array;
}
