import type { Cell } from './population-stability-index.ts';

/**
 * Inner edges at the quantiles 1/B … (B−1)/B of the reference (linear interpolation, as NumPy's default),
 * equal ones once. The outer edges are ±∞ and not listed.
 *
 * @param sorted ascending, not empty, without NaN
 */
export function quantileEdges(sorted: Float64Array, bins: number): readonly number[] {
  const edges: number[] = [];
  for (let k = 1; k < bins; k += 1) {
    const position = (k / bins) * (sorted.length - 1);
    const below = sorted[Math.floor(position)] ?? 0;
    const above = sorted[Math.ceil(position)] ?? 0;
    const part = position - Math.floor(position);
    // Between −∞ and a number there is nothing to interpolate; equal ends stay exactly themselves.
    const between = Number.isFinite(below) && Number.isFinite(above) && below !== above;
    const edge = between ? below + (above - below) * part : part < 0.5 ? below : above;
    if (edges.at(-1) !== edge) edges.push(edge);
  }
  return edges;
}

/** Rows in each cell; a value on an edge belongs to the cell on its left. */
export function binCounts(sorted: Float64Array, edges: readonly number[]): readonly number[] {
  const bounds = edges.map((edge) => countUpTo(sorted, edge));
  return [...bounds, sorted.length].map(
    (bound, index) => bound - (index === 0 ? 0 : (bounds[index - 1] ?? 0)),
  );
}

/** The cells of a numeric column's values, without those for missing ones. */
export function quantileCells(
  reference: Float64Array,
  current: Float64Array,
  bins: number,
  write: (value: number) => string = shortNumber,
): readonly Cell[] {
  const edges = quantileEdges(reference, bins);
  const inReference = binCounts(reference, edges);
  const inCurrent = binCounts(current, edges);
  return inReference.map((count, index) => ({
    label: cellLabel(edges[index - 1], edges[index], write),
    reference: count,
    current: inCurrent[index] ?? 0,
  }));
}

function cellLabel(
  low: number | undefined,
  high: number | undefined,
  write: (value: number) => string,
): string {
  if (low === undefined) return high === undefined ? 'all' : `≤ ${write(high)}`;
  return high === undefined ? `> ${write(low)}` : `(${write(low)}, ${write(high)}]`;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(5)));

/** How many values are at most this one, by bisection. */
function countUpTo(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
