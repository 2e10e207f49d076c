import { betweenRanks, distinctEdges, interpolate, quantilePositions } from '../order-positions.ts';
import type { ValueComparison } from '../value-comparison.ts';
import { assignCells, type CellGrid, chooseGrid } from './cell-grid.ts';
import {
  type ComparisonScratch,
  fits,
  mostCells,
  newScratch,
  type SideScratch,
} from './comparison-scratch.ts';
import type { CellTally, GatheredCells, SideSizes } from './kernels.ts';
import { type ScannedValues, valueCount } from './scan-values.ts';

/**
 * What comparing sorted samples gives, without sorting them: values are counted by cell, and only the cells in which the
 * largest difference may lie, F − G may change its sign, or a quantile lies are gathered and sorted.
 */
export function compareUnsorted(
  reference: ScannedValues,
  current: ScannedValues,
  bins: number,
  given?: ComparisonScratch,
): ValueComparison {
  const n = valueCount(reference);
  const m = valueCount(current);
  // About sixteen values a cell.
  const cells = Math.min(mostCells, 2 ** Math.max(6, Math.round(Math.log2((n + m) / 16))));
  const scratch =
    given !== undefined && fits(given, reference.finite, current.finite)
      ? given
      : newScratch(Math.max(reference.finite.length, current.finite.length), cells);
  const { kernels } = scratch;
  const { grid, tied } = chooseGrid(reference.finite, current.finite, cells, scratch.table);
  const origin = Math.min(reference.low, current.low);
  const sizes: SideSizes = {
    n,
    m,
    finiteReference: reference.finite.length,
    finiteCurrent: current.finite.length,
    negativeInfinitiesReference: reference.negativeInfinities,
    negativeInfinitiesCurrent: current.negativeInfinities,
    origin,
  };
  const before = emptyTally(reference.finite, cells, tied, scratch.reference, scratch.pairs);
  const after = emptyTally(current.finite, cells, tied, scratch.current, scratch.pairs);
  kernels.tally(before, grid, origin, tied);
  kernels.tally(after, grid, origin, tied);
  kernels.runningTotals(before.counts, before.totals);
  kernels.runningTotals(after.counts, after.totals);
  const single = scratch.single.subarray(0, cells);
  if (tied) kernels.singleCells(before, after, single);
  else single.fill(0);

  const wanted = scratch.reference.wanted.subarray(0, cells);
  kernels.markUndecided(before, after, single, sizes, wanted);
  // Quantiles lie on either side in cells of their own; the walk looks into those of both.
  const undecided = wanted.slice();
  const positions = quantilePositions(n, bins);
  markOrderStatistics(reference, before, positions, wanted);
  const gatheredBefore = gathered(scratch.reference, cells);
  kernels.gatherSorted(before, wanted, gatheredBefore, scratch.reference.next.subarray(0, cells));
  const edges = distinctEdges(
    orderStatistics(reference, before, gatheredBefore, positions).map(({ below, above, part }) =>
      interpolate(below, above, part),
    ),
  );
  const wantedAfter = scratch.current.wanted.subarray(0, cells);
  wantedAfter.set(undecided);
  const edgeCells = cellsOf(edges, grid);
  for (const [k, edge] of edges.entries()) if (Number.isFinite(edge)) wantedAfter[edgeCells[k] ?? 0] = 1;
  const gatheredAfter = gathered(scratch.current, cells);
  kernels.gatherSorted(after, wantedAfter, gatheredAfter, scratch.current.next.subarray(0, cells));
  const referenceRanks = ranksOf(edges, edgeCells, reference, before, gatheredBefore, wanted);
  const currentRanks = ranksOf(edges, edgeCells, current, after, gatheredAfter, wantedAfter);

  wanted.set(undecided);
  const ends = scratch.ends.subarray(0, cells);
  kernels.cellEnds(grid, origin, Math.max(reference.high, current.high) - origin, ends);
  const walked = { before: gatheredBefore, after: gatheredAfter, single, wanted, ends };
  const { difference, wasserstein } = kernels.walk(before, after, walked, sizes);
  const bothFinite = sizes.finiteReference > 0 && sizes.finiteCurrent > 0;
  return {
    n,
    m,
    error: 0,
    difference,
    wasserstein: bothFinite ? Math.max(0, wasserstein) : Number.NaN,
    edges,
    reference: betweenRanks(referenceRanks, n),
    current: betweenRanks(currentRanks, m),
  };
}

function emptyTally(
  values: Float64Array,
  cells: number,
  tied: boolean,
  scratch: SideScratch,
  pairs: Float64Array,
): CellTally {
  return {
    pairs,
    values,
    cells: scratch.cells.subarray(0, values.length),
    counts: scratch.counts.subarray(0, cells).fill(0),
    sums: scratch.sums.subarray(0, cells).fill(0),
    first: scratch.first.subarray(0, cells),
    mixed: scratch.mixed.subarray(0, cells).fill(tied ? 0 : 1),
    totals: scratch.totals.subarray(0, cells),
  };
}

const gathered = ({ sorted, starts }: SideScratch, cells: number): GatheredCells => ({
  values: sorted,
  starts: starts.subarray(0, cells),
});

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
  { totals }: CellTally,
  ranks: readonly number[],
  visit: (rank: number, cell: number, within: number) => void,
): void {
  for (const rank of ranks) {
    const wantedRank = rank - negativeInfinities;
    if (wantedRank < 0 || wantedRank >= finite.length) continue;
    const cell = firstAbove(totals, wantedRank);
    visit(rank, cell, wantedRank - belowCell(totals, cell));
  }
}

const belowCell = (totals: Uint32Array, cell: number): number => (cell === 0 ? 0 : (totals[cell - 1] ?? 0));

/** The first cell whose running total lies above the rank. */
function firstAbove(totals: Uint32Array, rank: number): number {
  let low = 0;
  let high = totals.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((totals[middle] ?? 0) > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

function cellsOf(edges: readonly number[], grid: CellGrid): Uint16Array {
  const cells = new Uint16Array(edges.length);
  assignCells(Float64Array.from(edges), grid, cells, 0, edges.length);
  return cells;
}

/** How many values are at most each edge. */
function ranksOf(
  edges: readonly number[],
  edgeCells: Uint16Array,
  { negativeInfinities, finite, positiveInfinities }: ScannedValues,
  { counts, totals }: CellTally,
  { values, starts }: GatheredCells,
  marks: Uint8Array,
): readonly number[] {
  return edges.map((edge, k) => {
    if (edge === Number.NEGATIVE_INFINITY) return negativeInfinities;
    if (edge === Number.POSITIVE_INFINITY) return negativeInfinities + finite.length + positiveInfinities;
    const own = edgeCells[k] ?? 0;
    let inside = 0;
    // A cell that was not gathered is empty here: the edge lies between two order statistics of other cells.
    if (marks[own] === 1) {
      const start = starts[own] ?? 0;
      const count = counts[own] ?? 0;
      while (inside < count && (values[start + inside] ?? 0) <= edge) inside += 1;
    }
    return negativeInfinities + belowCell(totals, own) + inside;
  });
}
