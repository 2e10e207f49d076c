import { betweenRanks, distinctEdges, interpolate, quantilePositions } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { assignCells, type CellGrid, cellStart, chooseGrid } from './cell-grid.ts';
import { byStretches } from './loops.ts';
import { type ScannedValues, valueCount } from './scan-values.ts';
import { sortRange } from './sort-range.ts';
import {
  type CellTally,
  type GatheredCells,
  gatherCells,
  newTallyScratch,
  type TallyScratch,
  tallyCells,
} from './tally-cells.ts';

/**
 * What comparing sorted samples gives, without sorting them: values are counted by cell, and only the cells in which the
 * largest difference may lie, F − G may change its sign, or a quantile lies are gathered and sorted.
 *
 * Inside a cell that F − G enters with d, with shares a of the reference and b of the current, it stays between d − b and d + a.
 */
export function compareUnsorted(
  reference: ScannedValues,
  current: ScannedValues,
  bins: number,
  scratch: ComparisonScratch = newScratch(),
): ValueComparison {
  const n = valueCount(reference);
  const m = valueCount(current);
  // About sixteen values a cell; counts and sums of a side have to stay in a core's own cache.
  const cells = Math.min(32_768, 2 ** Math.max(6, Math.round(Math.log2((n + m) / 16))));
  const { grid, tied } = chooseGrid(reference.finite, current.finite, cells);
  const origin = Math.min(reference.low, current.low);
  const before = tallyCells(reference.finite, grid, origin, tied, scratch.reference);
  const after = tallyCells(current.finite, grid, origin, tied, scratch.current);
  const sides: Sides = {
    reference,
    current,
    n,
    m,
    grid,
    origin,
    before,
    after,
    single: singleCells(before, after),
  };

  const wanted = new Uint8Array(cells);
  markUndecided(sides, wanted);
  const wantedBefore = wanted.slice();
  const positions = quantilePositions(n, bins);
  markOrderStatistics(reference, before, positions, wantedBefore);
  const gatheredBefore = sortedCells(before, wantedBefore, scratch.reference);
  const edges = distinctEdges(
    orderStatistics(reference, before, gatheredBefore, positions).map(({ below, above, part }) =>
      interpolate(below, above, part),
    ),
  );
  const wantedAfter = wanted.slice();
  const edgeCells = cellsOf(edges, grid);
  for (const [k, edge] of edges.entries()) if (Number.isFinite(edge)) wantedAfter[edgeCells[k] ?? 0] = 1;
  const gatheredAfter = sortedCells(after, wantedAfter, scratch.current);
  const rank = (scanned: ScannedValues, tally: CellTally, gathered: GatheredCells, marks: Uint8Array) =>
    ranksOf(edges, edgeCells, scanned, tally, gathered, marks);
  return {
    n,
    m,
    error: 0,
    ...walk(sides, wanted, gatheredBefore, gatheredAfter),
    edges,
    reference: betweenRanks(rank(reference, before, gatheredBefore, wantedBefore), n),
    current: betweenRanks(rank(current, after, gatheredAfter, wantedAfter), m),
  };
}

/** Memory that is used again from column to column: fresh pages cost as much as the counting. */
export interface ComparisonScratch {
  readonly reference: TallyScratch;
  readonly current: TallyScratch;
}
export const newScratch = (): ComparisonScratch => ({
  reference: newTallyScratch(),
  current: newTallyScratch(),
});

interface Sides {
  readonly reference: ScannedValues;
  readonly current: ScannedValues;
  readonly n: number;
  readonly m: number;
  readonly grid: CellGrid;
  readonly origin: number;
  readonly before: CellTally;
  readonly after: CellTally;
  /** 1 where all values of a cell, of both sides, are equal. */
  readonly single: Uint8Array;
}

function singleCells(before: CellTally, after: CellTally): Uint8Array {
  const single = new Uint8Array(before.counts.length);
  if (before.first.length === 0) return single;
  for (let cell = 0; cell < single.length; cell += 1) {
    const a = before.counts[cell] ?? 0;
    const b = after.counts[cell] ?? 0;
    const alike = a === 0 || b === 0 || before.first[cell] === after.first[cell];
    single[cell] = a + b > 0 && alike && before.mixed[cell] === 0 && after.mixed[cell] === 0 ? 1 : 0;
  }
  return single;
}

/** Marks the cells whose inside matters to D or to the Wasserstein distance. */
function markUndecided(sides: Sides, wanted: Uint8Array): void {
  const { reference, current, n, m, before, after, single } = sides;
  // Kept in an array of numbers between stretches: the difference at a cell's start, the best one, and F − G of the finite
  // values alone, times both their numbers, which is what Wasserstein integrates.
  const state = Float64Array.of(reference.negativeInfinities * m - current.negativeInfinities * n, 0, 0);
  state[1] = Math.abs(state[0] ?? 0);
  const { length } = wanted;
  const [start = 0] = state;
  byStretches(length, (from, to) => bestAtEnds(before.counts, after.counts, n, m, state, from, to));
  state[0] = start;
  const finite = Float64Array.of(n, m, reference.finite.length, current.finite.length);
  byStretches(length, (from, to) =>
    markStretch(before.counts, after.counts, single, finite, state, wanted, from, to),
  );
}

function bestAtEnds(
  before: Uint32Array,
  after: Uint32Array,
  n: number,
  m: number,
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
  sizes: Float64Array,
  state: Float64Array,
  wanted: Uint8Array,
  from: number,
  to: number,
): void {
  const n = sizes[0] ?? 0;
  const m = sizes[1] ?? 0;
  const nf = sizes[2] ?? 0;
  const mf = sizes[3] ?? 0;
  let difference = state[0] ?? 0;
  const best = state[1] ?? 0;
  let gap = state[2] ?? 0;
  for (let cell = from; cell < to; cell += 1) {
    const a = before[cell] ?? 0;
    const b = after[cell] ?? 0;
    if (a + b > 0 && single[cell] === 0) {
      const mayBeBest = difference + a * m > best || b * n - difference > best;
      const changesSign = gap - b * nf < 0 && gap + a * mf > 0;
      if (mayBeBest || changesSign) wanted[cell] = 1;
    }
    difference += a * m - b * n;
    gap += a * mf - b * nf;
  }
  state[0] = difference;
  state[2] = gap;
}

function sortedCells(tally: CellTally, wanted: Uint8Array, scratch: TallyScratch): GatheredCells {
  const gathered = gatherCells(tally, wanted, scratch);
  byStretches(wanted.length, (from, to) =>
    sortStretch(tally.counts, wanted, gathered.starts, gathered.values, from, to),
  );
  return gathered;
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

/** One walk over all cells, from left to right: D·n·m and ∫|F − G|. */
function walk(sides: Sides, wanted: Uint8Array, gatheredBefore: GatheredCells, gatheredAfter: GatheredCells) {
  const { reference, current, n, m, grid, origin } = sides;
  const nf = reference.finite.length;
  const mf = current.finite.length;
  const high = Math.max(reference.high, current.high) - origin;
  const ends = new Float64Array(wanted.length);
  byStretches(ends.length, (from, to) => cellEnds(grid, origin, high, ends, from, to));
  const difference = reference.negativeInfinities * m - current.negativeInfinities * n;
  const sizes = Float64Array.of(n, m, nf, mf, origin);
  // Difference at a cell's start, the largest one, F − G of the finite values, the distance so far, the cell's start.
  const state = Float64Array.of(difference, Math.abs(difference), 0, 0, 0);
  byStretches(wanted.length, (from, to) =>
    walkStretch(
      sides.before,
      sides.after,
      sides.single,
      wanted,
      gatheredBefore,
      gatheredAfter,
      ends,
      sizes,
      state,
      from,
      to,
    ),
  );
  return {
    difference: state[1] ?? 0,
    wasserstein: nf === 0 || mf === 0 ? Number.NaN : Math.max(0, state[3] ?? 0),
  };
}

/** Upper ends of cells, seen from the origin, none beyond the largest value. */
function cellEnds(
  grid: CellGrid,
  origin: number,
  high: number,
  ends: Float64Array,
  from: number,
  to: number,
): void {
  for (let cell = from; cell < to; cell += 1) {
    const last = cell + 1 === ends.length;
    ends[cell] = last ? high : Math.min(high, Math.max(0, cellStart(grid, cell + 1) - origin));
  }
}

function walkStretch(
  before: CellTally,
  after: CellTally,
  single: Uint8Array,
  wanted: Uint8Array,
  gatheredBefore: GatheredCells,
  gatheredAfter: GatheredCells,
  ends: Float64Array,
  sizes: Float64Array,
  state: Float64Array,
  from: number,
  to: number,
): void {
  const n = sizes[0] ?? 0;
  const m = sizes[1] ?? 0;
  const nf = sizes[2] ?? 0;
  const mf = sizes[3] ?? 0;
  const origin = sizes[4] ?? 0;
  const { values: xs } = gatheredBefore;
  const { values: ys } = gatheredAfter;
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

type Positions = readonly { readonly below: number; readonly above: number; readonly part: number }[];

/** The cells of finite order statistics. */
function markOrderStatistics(
  scanned: ScannedValues,
  tally: CellTally,
  positions: Positions,
  wanted: Uint8Array,
): void {
  const ranks = positions.flatMap(({ below, above }) => [below, above]);
  visitRanks(scanned, tally, ranks, (_rank, cell) => {
    wanted[cell] = 1;
  });
}

function orderStatistics(
  scanned: ScannedValues,
  tally: CellTally,
  gathered: GatheredCells,
  positions: Positions,
): Positions {
  const found = new Map<number, number>();
  const ranks = positions.flatMap(({ below, above }) => [below, above]);
  visitRanks(scanned, tally, ranks, (rank, cell, within) => {
    found.set(rank, gathered.values[(gathered.starts[cell] ?? 0) + within] ?? 0);
  });
  const value = (rank: number): number =>
    found.get(rank) ??
    (rank < scanned.negativeInfinities ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  return positions.map(({ below, above, part }) => ({ below: value(below), above: value(above), part }));
}

/** @param ranks ascending, from 0, among all values; those of infinities are left out */
function visitRanks(
  { negativeInfinities, finite }: ScannedValues,
  { counts }: CellTally,
  ranks: readonly number[],
  visit: (rank: number, cell: number, within: number) => void,
): void {
  let cell = 0;
  let before = 0;
  for (const rank of ranks) {
    const wantedRank = rank - negativeInfinities;
    if (wantedRank < 0 || wantedRank >= finite.length) continue;
    while (before + (counts[cell] ?? 0) <= wantedRank) {
      before += counts[cell] ?? 0;
      cell += 1;
    }
    visit(rank, cell, wantedRank - before);
  }
}

function cellsOf(edges: readonly number[], grid: CellGrid): Uint16Array {
  const cells = new Uint16Array(edges.length);
  assignCells(Float64Array.from(edges), grid, cells);
  return cells;
}

/** How many values are at most each edge. */
function ranksOf(
  edges: readonly number[],
  edgeCells: Uint16Array,
  { negativeInfinities, finite, positiveInfinities }: ScannedValues,
  { counts }: CellTally,
  { values, starts }: GatheredCells,
  marks: Uint8Array,
): readonly number[] {
  let cell = 0;
  let before = 0;
  return edges.map((edge, k) => {
    if (edge === Number.NEGATIVE_INFINITY) return negativeInfinities;
    if (edge === Number.POSITIVE_INFINITY) return negativeInfinities + finite.length + positiveInfinities;
    const own = edgeCells[k] ?? 0;
    while (cell < own) {
      before += counts[cell] ?? 0;
      cell += 1;
    }
    let inside = 0;
    // A cell that was not gathered is empty here: the edge lies between two order statistics of other cells.
    if (marks[own] === 1) {
      const start = starts[own] ?? 0;
      const count = counts[own] ?? 0;
      while (inside < count && (values[start + inside] ?? 0) <= edge) inside += 1;
    }
    return negativeInfinities + before + inside;
  });
}
