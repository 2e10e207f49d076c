import { byStretches, stretch } from './by-stretches.ts';
import { assignCells, cellEnds } from './cell-grid.ts';
import { assignBins, several } from './end-bins.ts';
import type { CellTally, EndSearch, GatheredCells, Kernels, SideSizes, WalkedCells } from './kernels.ts';
import { sortRange } from './sort-range.ts';

/**
 * The kernels in TypeScript. Each loop runs over a stretch [from, to) of a few thousand and is called for one stretch after
 * the other: a function that is called often is compiled once, for good; a single long loop is compiled while it runs, and its
 * code is thrown away at its end, column after column.
 */
export const typescriptKernels: Kernels = {
  rangeAndSum(values, out) {
    byStretches(values.length, (from, to) => rangeAndSum(values, out, from, to));
    // −0 as 0, whichever of the two was first.
    out[0] = (out[0] ?? 0) + 0;
    out[1] = (out[1] ?? 0) + 0;
  },

  sumOfSquares(values, mean) {
    let squares = 0;
    byStretches(values.length, (from, to) => {
      squares += sumOfSquares(values, mean, from, to);
    });
    return squares;
  },

  keepFinite(values, kept, out) {
    out.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0]);
    byStretches(values.length, (from, to) => keepFinite(values, kept, out, from, to));
  },

  tally(tally, grid, origin, tied) {
    const { values, cells } = tally;
    byStretches(values.length, (from, to) => {
      assignCells(values, grid, cells, from, to);
      if (tied) countTied(tally, origin, from, to);
      else countAndSum(values, cells, origin, tally.counts, tally.sums, from, to);
    });
  },

  tallyEnds(values, search, counts, sums) {
    const bins = new Uint16Array(stretch);
    byStretches(values.length, (from, to) => {
      const part = values.subarray(from, to);
      assignBins(part, search.bins, bins);
      countByEnds(part, bins, search, counts, sums);
    });
  },

  valuesBetween(values, above, upTo, into) {
    let found = 0;
    byStretches(values.length, (from, to) => {
      found = valuesBetween(values, above, upTo, into, found, from, to);
    });
    return found;
  },

  runningTotals(counts, totals) {
    let total = 0;
    for (let cell = 0; cell < counts.length; cell += 1) {
      total += counts[cell] ?? 0;
      totals[cell] = total;
    }
  },

  cellEnds(grid, origin, high, ends) {
    cellEnds(grid, ends);
    for (let cell = 0; cell < ends.length; cell += 1) {
      ends[cell] = Math.min(high, Math.max(0, (ends[cell] ?? 0) - origin));
    }
  },

  singleCells(before, after, single) {
    for (let cell = 0; cell < single.length; cell += 1) {
      const a = before.counts[cell] ?? 0;
      const b = after.counts[cell] ?? 0;
      const alike = a === 0 || b === 0 || before.first[cell] === after.first[cell];
      single[cell] = a + b > 0 && alike && before.mixed[cell] === 0 && after.mixed[cell] === 0 ? 1 : 0;
    }
  },

  markUndecided(before, after, single, sizes, wanted) {
    const start = startOf(sizes);
    const state = Float64Array.of(start, Math.abs(start), 0);
    byStretches(wanted.length, (from, to) => bestAtEnds(before.counts, after.counts, sizes, state, from, to));
    state[0] = start;
    byStretches(wanted.length, (from, to) =>
      markStretch(before.counts, after.counts, single, sizes, state, wanted, from, to),
    );
  },

  gatherSorted(tally, wanted, { values: sorted, starts }, next) {
    const { values, cells, counts } = tally;
    let total = 0;
    byStretches(counts.length, (from, to) => {
      total = startsOfWanted(counts, wanted, starts, total, from, to);
    });
    next.set(starts);
    if (total === 0) return;
    byStretches(values.length, (from, to) => placeWanted(values, cells, wanted, next, sorted, from, to));
    byStretches(counts.length, (from, to) => sortStretch(counts, wanted, starts, sorted, from, to));
  },

  walk(before, after, cells, sizes) {
    const difference = startOf(sizes);
    // Difference at a cell's start, the largest one, F − G of the finite values, the distance so far, the cell's start.
    const state = Float64Array.of(difference, Math.abs(difference), 0, 0, 0);
    byStretches(cells.wanted.length, (from, to) => walkStretch(before, after, cells, sizes, state, from, to));
    return { difference: state[1] ?? 0, wasserstein: state[3] ?? 0 };
  },
};

const startOf = ({ n, m, negativeInfinitiesReference, negativeInfinitiesCurrent }: SideSizes): number =>
  negativeInfinitiesReference * m - negativeInfinitiesCurrent * n;

/** Four sums at once: one would wait for itself. */
function rangeAndSum(values: Float64Array, out: Float64Array, from: number, to: number): void {
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

function sumOfSquares(values: Float64Array, mean: number, from: number, to: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const a = (values[i] ?? 0) - mean;
    const b = (values[i + 1] ?? 0) - mean;
    const c = (values[i + 2] ?? 0) - mean;
    const d = (values[i + 3] ?? 0) - mean;
    sum0 += a * a;
    sum1 += b * b;
    sum2 += c * c;
    sum3 += d * d;
  }
  for (; i < to; i += 1) {
    const a = (values[i] ?? 0) - mean;
    sum0 += a * a;
  }
  return sum0 + sum1 + (sum2 + sum3);
}

function keepFinite(
  values: Float64Array,
  kept: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  let [low = 0, high = 0, sum = 0, finite = 0, missing = 0, negative = 0] = out;
  for (let i = from; i < to; i += 1) {
    const x = values[i] ?? 0;
    // False for NaN and for both infinities.
    if (x - x === 0) {
      kept[finite] = x;
      finite += 1;
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
    } else if (Number.isNaN(x)) missing += 1;
    else if (x < 0) negative += 1;
  }
  out[0] = low;
  out[1] = high;
  out[2] = sum;
  out[3] = finite;
  out[4] = missing;
  out[5] = negative;
}

function countAndSum(
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
function countTied(tally: CellTally, origin: number, from: number, to: number): void {
  const { values, cells, counts, sums, first, mixed } = tally;
  for (let i = from; i < to; i += 1) {
    const x = values[i] ?? 0;
    const cell = cells[i] ?? 0;
    const count = counts[cell] ?? 0;
    if (count === 0) first[cell] = x;
    else if (first[cell] !== x) mixed[cell] = 1;
    counts[cell] = count + 1;
    sums[cell] = (sums[cell] ?? 0) + (x - origin);
  }
}

function countByEnds(
  values: Float64Array,
  own: Uint16Array,
  { bins: { first }, ends, origin }: EndSearch,
  counts: Float64Array,
  sums: Float64Array,
): void {
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i] ?? 0;
    let at = (first[own[i] ?? 0] ?? 0) & ~several;
    while (x > (ends[at] ?? 0)) at += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    sums[at] = (sums[at] ?? 0) + (x - origin);
  }
}

/** @returns how many there are now */
function valuesBetween(
  values: Float64Array,
  above: number,
  upTo: number,
  into: Float64Array,
  before: number,
  from: number,
  to: number,
): number {
  let found = before;
  for (let i = from; i < to; i += 1) {
    const x = values[i] ?? 0;
    if (x > above && x <= upTo) {
      into[found] = x;
      found += 1;
    }
  }
  return found;
}

function bestAtEnds(
  before: Uint32Array,
  after: Uint32Array,
  { n, m }: SideSizes,
  state: Float64Array,
  from: number,
  to: number,
): void {
  let difference = state[0] ?? 0;
  let best = state[1] ?? 0;
  for (let cell = from; cell < to; cell += 1) {
    difference += (before[cell] ?? 0) * m - (after[cell] ?? 0) * n;
    const size = Math.abs(difference);
    if (size > best) best = size;
  }
  state[0] = difference;
  state[1] = best;
}

function markStretch(
  before: Uint32Array,
  after: Uint32Array,
  single: Uint8Array,
  sizes: SideSizes,
  state: Float64Array,
  wanted: Uint8Array,
  from: number,
  to: number,
): void {
  const { n, m, finiteReference: nf, finiteCurrent: mf } = sizes;
  let difference = state[0] ?? 0;
  const best = state[1] ?? 0;
  let gap = state[2] ?? 0;
  for (let cell = from; cell < to; cell += 1) {
    const a = before[cell] ?? 0;
    const b = after[cell] ?? 0;
    const mayBeBest = difference + a * m > best || b * n - difference > best;
    const changesSign = gap - b * nf < 0 && gap + a * mf > 0;
    wanted[cell] = a + b > 0 && single[cell] === 0 && (mayBeBest || changesSign) ? 1 : 0;
    difference += a * m - b * n;
    gap += a * mf - b * nf;
  }
  state[0] = difference;
  state[2] = gap;
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

/** Puts each value of a wanted cell at the next place of its cell. */
function placeWanted(
  values: Float64Array,
  cells: Uint16Array,
  wanted: Uint8Array,
  next: Uint32Array,
  placed: Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const cell = cells[i] ?? 0;
    if (wanted[cell] === 0) continue;
    const at = next[cell] ?? 0;
    placed[at] = values[i] ?? 0;
    next[cell] = at + 1;
  }
}

function sortStretch(
  counts: Uint32Array,
  wanted: Uint8Array,
  starts: Uint32Array,
  values: Float64Array,
  from: number,
  to: number,
): void {
  for (let cell = from; cell < to; cell += 1) {
    const count = counts[cell] ?? 0;
    if (wanted[cell] === 0 || count < 2) continue;
    const start = starts[cell] ?? 0;
    sortRange(values, start, start + count);
  }
}

function walkStretch(
  before: CellTally,
  after: CellTally,
  { before: gatheredBefore, after: gatheredAfter, single, wanted, ends }: WalkedCells,
  sizes: SideSizes,
  state: Float64Array,
  from: number,
  to: number,
): void {
  const { n, m, finiteReference: nf, finiteCurrent: mf, origin } = sizes;
  const { values: xs }: GatheredCells = gatheredBefore;
  const { values: ys }: GatheredCells = gatheredAfter;
  let difference = state[0] ?? 0;
  let largest = state[1] ?? 0;
  let gap = state[2] ?? 0;
  let distance = state[3] ?? 0;
  let left = state[4] ?? 0;
  for (let cell = from; cell < to; cell += 1) {
    const a = before.counts[cell] ?? 0;
    const b = after.counts[cell] ?? 0;
    const end = Math.max(left, ends[cell] ?? 0);
    const next = gap + a / nf - b / mf;
    if (a + b === 0) distance += Math.abs(gap) * (end - left);
    else if (single[cell] === 1) {
      const value = (a > 0 ? (before.first[cell] ?? 0) : (after.first[cell] ?? 0)) - origin;
      distance += Math.abs(gap) * (value - left) + Math.abs(next) * (end - value);
    } else if (wanted[cell] === 0) {
      // The sign holds throughout: the integral of F − G follows from counts and sums.
      const inside = (a * end - (before.sums[cell] ?? 0)) / nf - (b * end - (after.sums[cell] ?? 0)) / mf;
      distance += Math.abs(gap * (end - left) + inside);
    } else {
      const firstK = gatheredBefore.starts[cell] ?? 0;
      const firstL = gatheredAfter.starts[cell] ?? 0;
      let k = firstK;
      let l = firstL;
      let at = left;
      let inside = gap;
      while (k < firstK + a || l < firstL + b) {
        const x = k < firstK + a ? (xs[k] ?? 0) : Number.POSITIVE_INFINITY;
        const y = l < firstL + b ? (ys[l] ?? 0) : Number.POSITIVE_INFINITY;
        const value = Math.min(x, y);
        distance += Math.abs(inside) * (value - origin - at);
        at = value - origin;
        while (k < firstK + a && xs[k] === value) k += 1;
        while (l < firstL + b && ys[l] === value) l += 1;
        inside = gap + (k - firstK) / nf - (l - firstL) / mf;
        const size = Math.abs(difference + (k - firstK) * m - (l - firstL) * n);
        if (size > largest) largest = size;
      }
      distance += Math.abs(inside) * (end - at);
    }
    difference += a * m - b * n;
    const size = Math.abs(difference);
    if (size > largest) largest = size;
    gap = next;
    left = end;
  }
  state[0] = difference;
  state[1] = largest;
  state[2] = gap;
  state[3] = distance;
  state[4] = left;
}
