/**
 * The loops that see every value, each over a stretch [from, to) of a few thousand and called for one stretch after the other.
 * A function that is called often is compiled once, for good; a single long loop is compiled while it runs, and its code is
 * thrown away at its end, column after column.
 */
const stretch = 4096;

/** Calls a loop for all stretches of `length` values. */
export function byStretches(length: number, loop: (from: number, to: number) => void): void {
  for (let from = 0; from < length; from += stretch) loop(from, Math.min(length, from + stretch));
}

/**
 * Smallest, largest and sum so far, in `out`; the sum of anything missing or infinite is not finite. Four sums at once: one
 * would wait for itself.
 */
export function rangeAndSum(values: Float64Array, out: Float64Array, from: number, to: number): void {
  let low = out[0] ?? 0;
  let high = out[1] ?? 0;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const a = values[i] ?? 0;
    const b = values[i + 1] ?? 0;
    const c = values[i + 2] ?? 0;
    const d = values[i + 3] ?? 0;
    sum0 += a;
    sum1 += b;
    sum2 += c;
    sum3 += d;
    if (a < low) low = a;
    if (b < low) low = b;
    if (c < low) low = c;
    if (d < low) low = d;
    if (a > high) high = a;
    if (b > high) high = b;
    if (c > high) high = c;
    if (d > high) high = d;
  }
  for (; i < to; i += 1) {
    const a = values[i] ?? 0;
    sum0 += a;
    if (a < low) low = a;
    if (a > high) high = a;
  }
  out[0] = low;
  out[1] = high;
  out[2] = (out[2] ?? 0) + (sum0 + sum1 + (sum2 + sum3));
}

export function countAndSum(
  values: Float64Array,
  cells: Uint16Array,
  origin: number,
  counts: Uint32Array,
  sums: Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const cell = cells[i] ?? 0;
    counts[cell] = (counts[cell] ?? 0) + 1;
    sums[cell] = (sums[cell] ?? 0) + ((values[i] ?? 0) - origin);
  }
}

/** Keeps each cell's first value as well, and marks cells that hold another one. */
export function countTied(
  values: Float64Array,
  cells: Uint16Array,
  counts: Uint32Array,
  first: Float64Array,
  mixed: Uint8Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const x = values[i] ?? 0;
    const cell = cells[i] ?? 0;
    const count = counts[cell] ?? 0;
    if (count === 0) first[cell] = x;
    else if (first[cell] !== x) mixed[cell] = 1;
    counts[cell] = count + 1;
  }
}

export function sumCells(
  values: Float64Array,
  cells: Uint16Array,
  origin: number,
  sums: Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const cell = cells[i] ?? 0;
    sums[cell] = (sums[cell] ?? 0) + ((values[i] ?? 0) - origin);
  }
}

/**
 * Values of wanted cells, in the order of the rows, with their cells, from place `end` on.
 *
 * @returns the place behind the last one
 */
export function pickWanted(
  values: Float64Array,
  cells: Uint16Array,
  wanted: Uint8Array,
  found: Float64Array,
  foundCells: Uint16Array,
  end: number,
  from: number,
  to: number,
): number {
  let next = end;
  for (let i = from; i < to; i += 1) {
    const cell = cells[i] ?? 0;
    if (wanted[cell] !== 0) {
      found[next] = values[i] ?? 0;
      foundCells[next] = cell;
      next += 1;
    }
  }
  return next;
}

/** Puts each picked value at the next place of its cell. */
export function placeByCell(
  found: Float64Array,
  foundCells: Uint16Array,
  next: Uint32Array,
  placed: Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const cell = foundCells[i] ?? 0;
    const at = next[cell] ?? 0;
    placed[at] = found[i] ?? 0;
    next[cell] = at + 1;
  }
}

export function sumOfSquares(values: Float64Array, mean: number, from: number, to: number): number {
  let squares = 0;
  for (let i = from; i < to; i += 1) {
    const deviation = (values[i] ?? 0) - mean;
    squares += deviation * deviation;
  }
  return squares;
}
