import { byStretches } from './loops.ts';

/** A monotone map of finite numbers to cells 0 … cells − 1. Values outside its range lie in the outer cells. */
export type CellGrid =
  | { readonly kind: 'linear'; readonly cells: number; readonly low: number; readonly scale: number }
  /** By sign, exponent and leading bits of the mantissa: cells of equal ratio, the same number on either side of zero. */
  | { readonly kind: 'ratio'; readonly cells: number; readonly least: number; readonly shift: number };

/** Of each side. */
const sampleSize = 2048;

/** From this share of equal neighbours in a sorted sample on, cells are likely to hold one value many times. */
const manyTies = 0.02;

export interface ChosenGrid {
  readonly grid: CellGrid;
  readonly tied: boolean;
}

/**
 * The map that spreads a strided sample of both sides over more cells. Results do not hang on the choice: cells are only
 * where values are looked for.
 */
export function chooseGrid(reference: Float64Array, current: Float64Array, cells: number): ChosenGrid {
  const sample = new Float64Array(2 * sampleSize);
  const taken = addStrided(reference, sample, 0);
  const sorted = sample.subarray(0, addStrided(current, sample, taken)).sort();
  const linear = linearGrid(sorted, cells);
  const ratio = ratioGrid(sorted, cells);
  let equal = 0;
  for (let i = 1; i < sorted.length; i += 1) if (sorted[i] === sorted[i - 1]) equal += 1;
  return {
    grid: occupied(ratio, sorted) > 1.5 * occupied(linear, sorted) ? ratio : linear,
    tied: equal > manyTies * sorted.length,
  };
}

function addStrided(values: Float64Array, sample: Float64Array, from: number): number {
  const step = Math.max(1, Math.ceil(values.length / sampleSize));
  let next = from;
  for (let i = 0; i < values.length; i += step) {
    sample[next] = values[i] ?? 0;
    next += 1;
  }
  return next;
}

function linearGrid(sorted: Float64Array, cells: number): CellGrid {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  // The tails beyond share the outer cells; a little room keeps them small.
  const low = at(0.002);
  const spread = at(0.998) - low || (at(1) - at(0)) / 2;
  const start = low - spread / 8;
  const scale = cells / (spread * 1.25);
  const usable = Number.isFinite(start) && Number.isFinite(scale) && scale > 0;
  return { kind: 'linear', cells, low: usable ? start : low, scale: usable ? scale : 0 };
}

function ratioGrid(sorted: Float64Array, cells: number): CellGrid {
  const sizes = sorted.map(Math.abs).sort();
  const smallest = sizes[Math.round(0.002 * (sizes.length - 1))] ?? 0;
  const least = Math.max(0, leadingWord(smallest === 0 ? (sizes.find((x) => x > 0) ?? 1) : smallest) - 1);
  const most = leadingWord(sizes.at(-1) ?? 0);
  let shift = 0;
  while ((most - least) >> shift >= cells / 2 && shift < 31) shift += 1;
  return { kind: 'ratio', cells, least, shift };
}

function occupied(grid: CellGrid, sample: Float64Array): number {
  const cells = new Uint16Array(sample.length);
  assignCells(sample, grid, cells);
  let seen = 0;
  for (let i = 0; i < cells.length; i += 1) if (i === 0 || cells[i] !== cells[i - 1]) seen += 1;
  return seen;
}

/** The cell of each value. @param cells at least as long as `values` */
export function assignCells(values: Float64Array, grid: CellGrid, cells: Uint16Array): void {
  if (grid.kind === 'linear') {
    const { low, scale } = grid;
    byStretches(values.length, (from, to) =>
      assignLinear(values, low, scale, grid.cells - 1, cells, from, to),
    );
  } else {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    const { least, shift } = grid;
    byStretches(values.length, (from, to) =>
      assignByRatio(words, least, shift, grid.cells >> 1, cells, from, to),
    );
  }
}

function assignLinear(
  values: Float64Array,
  low: number,
  scale: number,
  last: number,
  cells: Uint16Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const at = ((values[i] ?? 0) - low) * scale;
    cells[i] = at > 0 ? Math.min(at, last) : 0;
  }
}

/** @param words the values' bits, the low half of each first */
function assignByRatio(
  words: Int32Array,
  least: number,
  shift: number,
  half: number,
  cells: Uint16Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const word = words[2 * i + 1] ?? 0;
    const size = (word & 0x7fffffff) - least;
    if (size <= 0) cells[i] = half;
    else {
      const step = Math.min(half - 1, size >> shift);
      cells[i] = word < 0 ? half - 1 - step : half + step;
    }
  }
}

/** The lower end of a cell: no value of a lower cell lies above it, and none of this one or higher below, but for rounding. */
export function cellStart(grid: CellGrid, cell: number): number {
  if (grid.kind === 'linear') return grid.scale === 0 ? grid.low : grid.low + cell / grid.scale;
  const half = grid.cells >> 1;
  // The middle cell holds all that is closer to zero than the smallest size, −0 and +0 among it.
  if (cell === half) return -numberOf(grid.least + 1);
  const size = numberOf(grid.least + Math.abs(cell - half) * 2 ** grid.shift);
  return cell > half ? size : -size;
}

const buffer = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the first twenty bits of the mantissa. */
function leadingWord(x: number): number {
  buffer.setFloat64(0, x);
  return buffer.getInt32(0);
}

function numberOf(word: number): number {
  buffer.setUint32(0, Math.min(word, 0x7fefffff));
  buffer.setUint32(4, 0);
  return buffer.getFloat64(0);
}
