import { segmentsFor } from './cell-grid.ts';
import { bytesOf, type KernelMemory, kernelMemory } from './kernel-memory.ts';
import type { Kernels } from './kernels.ts';
import { typescriptKernels } from './loops.ts';

/** Cells of the grid values are counted by: counts and sums of a side then fit a core's own cache. */
export const mostCells = 32_768;
/** Bins that a search among a profile's ends begins with, and the ends it is meant for. */
export const searchBins = 32_768;
export const mostEnds = 16_384;

/** Memory for one side of a column. */
export interface SideScratch {
  /** Finite values, where there are others among them. */
  readonly kept: Float64Array;
  readonly cells: Uint16Array;
  readonly counts: Uint32Array;
  readonly sums: Float64Array;
  readonly first: Float64Array;
  readonly mixed: Uint8Array;
  readonly totals: Uint32Array;
  readonly wanted: Uint8Array;
  readonly starts: Uint32Array;
  readonly next: Uint32Array;
  readonly sorted: Float64Array;
}

/** Memory that is used again from column to column: fresh pages cost as much as the counting. */
export interface ComparisonScratch {
  readonly kernels: Kernels;
  /** Where arrays have to lie for the kernels; null where they may lie anywhere. */
  readonly buffer: ArrayBufferLike | null;
  /** Values of a side it is made for. */
  readonly rows: number;
  readonly reference: SideScratch;
  readonly current: SideScratch;
  readonly single: Uint8Array;
  readonly ends: Float64Array;
  readonly table: Float64Array;
  /** Two numbers a cell, for one side at a time. */
  readonly pairs: Float64Array;
  readonly search: SearchScratch;
}

/** Memory to count values by a profile's ends. */
export interface SearchScratch {
  readonly first: Uint16Array;
  readonly ends: Float64Array;
  readonly pairs: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

type Arrays = Pick<KernelMemory, 'float64' | 'uint32' | 'uint16' | 'uint8'>;

const anywhere: Arrays = {
  float64: (length) => new Float64Array(length),
  uint32: (length) => new Uint32Array(length),
  uint16: (length) => new Uint16Array(length),
  uint8: (length) => new Uint8Array(length),
};

/** Arrays of its own, for the kernels in TypeScript. @param rows the most values of a side */
export const newScratch = (rows: number, cells = mostCells): ComparisonScratch =>
  scratchOf(anywhere, typescriptKernels, null, rows, cells);

/** The same for a search alone. @param ends of the profile */
export const newSearch = (ends: number): SearchScratch => searchOf(anywhere, ends);

/** Scratch memory with columns to read values into, all in the memory of the kernels. */
export interface Workspace {
  readonly scratch: ComparisonScratch;
  /** One array for each column of a batch. */
  readonly reference: readonly Float64Array[];
  readonly current: readonly Float64Array[];
  /** Where readers may work in the same memory; null where there is no such memory, or not that much. */
  readonly reading: { readonly memory: KernelMemory['memory']; readonly region: Uint8Array } | null;
}

/**
 * @param columns of a batch
 * @param rows to be read of either side
 * @param profiled rows a profile was made of, which may have to be written out again
 * @param readerBytes wanted by readers
 */
export function newWorkspace(
  columns: number,
  rows: { readonly reference: number; readonly current: number },
  profiled = 0,
  readerBytes = 0,
): Workspace {
  const most = Math.max(rows.reference, rows.current, profiled);
  const values = columns * (bytesOf(rows.reference, 8) + bytesOf(rows.current, 8));
  const own = values + scratchBytes(most);
  const wide = readerBytes === 0 ? null : kernelMemory(own + bytesOf(readerBytes, 1));
  const memory = wide ?? kernelMemory(own);
  const { float64 } = memory ?? anywhere;
  const columnsOf = (length: number) => Array.from({ length: columns }, () => float64(length));
  return {
    scratch:
      memory === null ? newScratch(most) : scratchOf(memory, memory.kernels, memory.buffer, most, mostCells),
    reference: columnsOf(rows.reference),
    current: columnsOf(rows.current),
    reading: wide === null ? null : { memory: wide.memory, region: wide.uint8(readerBytes) },
  };
}

/** Whether the scratch is large enough for these values, and they lie where its kernels can see them. */
export const fits = (scratch: ComparisonScratch, ...sides: readonly Float64Array[]): boolean =>
  sides.every(
    (values) =>
      values.length <= scratch.rows && (scratch.buffer === null || values.buffer === scratch.buffer),
  );

function scratchOf(
  arrays: Arrays,
  kernels: Kernels,
  buffer: ArrayBufferLike | null,
  rows: number,
  cells: number,
): ComparisonScratch {
  return {
    kernels,
    buffer,
    rows,
    reference: sideOf(arrays, rows, cells),
    current: sideOf(arrays, rows, cells),
    single: arrays.uint8(cells),
    ends: arrays.float64(cells),
    table: arrays.float64(2 * segmentsFor(cells)),
    pairs: arrays.float64(2 * cells),
    search: searchOf(arrays, mostEnds),
  };
}

const searchOf = (arrays: Arrays, ends: number): SearchScratch => ({
  first: arrays.uint16(searchBins),
  ends: arrays.float64(ends + 1),
  pairs: arrays.float64(2 * (ends + 1)),
  counts: arrays.float64(ends + 1),
  sums: arrays.float64(ends + 1),
});

const sideOf = (arrays: Arrays, rows: number, cells: number): SideScratch => ({
  kept: arrays.float64(rows),
  cells: arrays.uint16(rows),
  counts: arrays.uint32(cells),
  sums: arrays.float64(cells),
  first: arrays.float64(cells),
  mixed: arrays.uint8(cells),
  totals: arrays.uint32(cells),
  wanted: arrays.uint8(cells),
  starts: arrays.uint32(cells),
  next: arrays.uint32(cells),
  sorted: arrays.float64(rows),
});

/** What `scratchOf` asks for, with room to spare. */
const scratchBytes = (rows: number): number =>
  2 * (2 * bytesOf(rows, 8) + bytesOf(rows, 2)) + 5 * 1024 * 1024;
