import type { CellGrid } from './cell-grid.ts';
import type { EndBins } from './end-bins.ts';
import type { CellTally, GatheredCells, Kernels, SideSizes } from './kernels.ts';
import { wasmBinary } from './wasm-binary.ts';

/** What of WebAssembly is used here; TypeScript knows it only together with a browser. */
declare namespace WebAssembly {
  export class Memory {
    constructor(limits: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  export class Module {
    constructor(code: Uint8Array);
  }
  export class Instance {
    constructor(code: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: Readonly<Record<string, unknown>>;
  }
}

/** Numbers side by side in one block of memory, and kernels that work there and nowhere else. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  /** For other modules that are to work in it. */
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly kernels: Kernels;
  float64(length: number): Float64Array;
  uint32(length: number): Uint32Array;
  uint16(length: number): Uint16Array;
  uint8(length: number): Uint8Array;
}

/** WebAssembly addresses 4 GiB; the last page stays free. */
export const mostBytes = 2 ** 32 - 2 ** 16;
const pageBytes = 2 ** 16;
/** Every array begins at a multiple of this. */
const alignment = 16;

export const bytesOf = (length: number, each: number): number =>
  Math.ceil((length * each) / alignment) * alignment;

/**
 * Memory that is there as a whole from the start, since growing would move it away under its arrays; the system gives a page when
 * it is first written to. Arrays are never given back: they are made for good, and used for column after column.
 *
 * @param bytes what the arrays will need together, rounded up as `bytesOf` does
 * @returns null where this cannot be had: too large, or refused by the system
 */
export function kernelMemory(bytes: number): KernelMemory | null {
  if (bytes > mostBytes) return null;
  try {
    const pages = Math.ceil(bytes / pageBytes) + 1;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(compiled(), { env: { memory } });
    return arraysIn(memory, wasmKernels(memory.buffer, instance));
  } catch {
    return null;
  }
}

let module: WebAssembly.Module | null = null;

function compiled(): WebAssembly.Module {
  module ??= new WebAssembly.Module(Buffer.from(wasmBinary, 'base64'));
  return module;
}

function arraysIn(memory: KernelMemory['memory'], kernels: Kernels): KernelMemory {
  const { buffer } = memory;
  // Place 0 is left out, so that no array begins at what programs take for nothing.
  let next = alignment;
  const place = (length: number, each: number): number => {
    const at = next;
    next += bytesOf(length, each);
    return at;
  };
  return {
    buffer,
    memory,
    kernels,
    float64: (length) => new Float64Array(buffer, place(length, 8), length),
    uint32: (length) => new Uint32Array(buffer, place(length, 4), length),
    uint16: (length) => new Uint16Array(buffer, place(length, 2), length),
    uint8: (length) => new Uint8Array(buffer, place(length, 1), length),
  };
}

type Kernel = (...places: readonly number[]) => number;

/** Arguments are the places of arrays: every array has to lie in this memory. */
function wasmKernels(buffer: ArrayBuffer, instance: WebAssembly.Instance): Kernels {
  const kernel = (name: string): Kernel => {
    const found = instance.exports[name];
    if (typeof found !== 'function') throw new Error(`The kernels lack ${name}.`);
    return (...places) => Number(found(...places));
  };
  // A few numbers that are handed over at a time.
  const few = new Float64Array(buffer, buffer.byteLength - pageBytes, 16);
  const sizesAt = few.byteOffset + 64;
  const writeSizes = (sizes: SideSizes): number => {
    few.set(
      [
        sizes.n,
        sizes.m,
        sizes.finiteReference,
        sizes.finiteCurrent,
        sizes.negativeInfinitiesReference,
        sizes.negativeInfinitiesCurrent,
        sizes.origin,
      ],
      8,
    );
    return sizesAt;
  };
  const rangeAndSum = kernel('rangeAndSum');
  const sumOfSquares = kernel('sumOfSquares');
  const keepFinite = kernel('keepFinite');
  const tally = kernel('tally');
  const tallyTied = kernel('tallyTied');
  const tallyEnds = kernel('tallyEnds');
  const valuesBetween = kernel('valuesBetween');
  const runningTotals = kernel('runningTotals');
  const cellEnds = kernel('cellEnds');
  const singleCells = kernel('singleCells');
  const markUndecided = kernel('markUndecided');
  const gatherSorted = kernel('gatherSorted');
  const walk = kernel('walk');
  return {
    rangeAndSum(values, out) {
      few.set(out.subarray(0, 3));
      rangeAndSum(values.byteOffset, values.length, few.byteOffset);
      out.set(few.subarray(0, 3));
    },
    sumOfSquares: (values, mean) => sumOfSquares(values.byteOffset, values.length, mean),
    keepFinite(values, kept, out) {
      keepFinite(values.byteOffset, values.length, kept.byteOffset, few.byteOffset);
      out.set(few.subarray(0, 6));
    },
    tally({ values, cells, counts, sums, first, mixed, pairs }, grid, origin, tied) {
      const places = [values.byteOffset, values.length, ...gridPlaces(grid), cells.byteOffset, origin];
      const into = [counts.byteOffset, sums.byteOffset];
      if (tied) tallyTied(...places, ...into, first.byteOffset, mixed.byteOffset);
      else tally(...places, pairs.byteOffset, counts.length, ...into);
    },
    tallyEnds(values, { bins, origin, ends, pairs }, counts, sums) {
      tallyEnds(
        values.byteOffset,
        values.length,
        ...binPlaces(bins),
        origin,
        ends.byteOffset,
        pairs.byteOffset,
        counts.length,
        counts.byteOffset,
        sums.byteOffset,
      );
    },
    valuesBetween: (values, above, upTo, into) =>
      valuesBetween(values.byteOffset, values.length, above, upTo, into.byteOffset),
    runningTotals(counts, totals) {
      runningTotals(counts.byteOffset, counts.length, totals.byteOffset);
    },
    cellEnds(grid, origin, high, ends) {
      cellEnds(ends.length, ...gridPlaces(grid), origin, high, ends.byteOffset);
    },
    singleCells(before, after, single) {
      singleCells(
        single.length,
        before.counts.byteOffset,
        before.first.byteOffset,
        before.mixed.byteOffset,
        after.counts.byteOffset,
        after.first.byteOffset,
        after.mixed.byteOffset,
        single.byteOffset,
      );
    },
    markUndecided(before, after, single, sizes, wanted) {
      markUndecided(
        wanted.length,
        before.counts.byteOffset,
        after.counts.byteOffset,
        single.byteOffset,
        writeSizes(sizes),
        wanted.byteOffset,
      );
    },
    gatherSorted({ values, cells, counts }, wanted, gathered, next) {
      gatherSorted(
        values.byteOffset,
        values.length,
        cells.byteOffset,
        counts.length,
        counts.byteOffset,
        wanted.byteOffset,
        gathered.starts.byteOffset,
        next.byteOffset,
        gathered.values.byteOffset,
      );
    },
    walk(before, after, cells, sizes) {
      walk(
        cells.wanted.length,
        ...sidePlaces(before, cells.before),
        ...sidePlaces(after, cells.after),
        cells.single.byteOffset,
        cells.wanted.byteOffset,
        cells.ends.byteOffset,
        writeSizes(sizes),
        few.byteOffset,
      );
      return { difference: few[0] ?? 0, wasserstein: few[1] ?? 0 };
    },
  };
}

const gridPlaces = ({ kind, least, low, scale, segments, table }: CellGrid): readonly number[] => [
  kind === 'ratio' ? least : -1,
  low,
  scale,
  segments,
  table.byteOffset,
];

const binPlaces = ({ least, low, scale, shift, middle, most, first }: EndBins): readonly number[] => [
  least,
  low,
  scale,
  shift,
  middle,
  most,
  first.byteOffset,
];

const sidePlaces = ({ counts, sums, first }: CellTally, gathered: GatheredCells): readonly number[] => [
  counts.byteOffset,
  sums.byteOffset,
  first.byteOffset,
  gathered.starts.byteOffset,
  gathered.values.byteOffset,
];
