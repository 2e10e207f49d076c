import type { Cell } from './population-stability-index.ts';
import type { CategoricalColumn } from './table.ts';

/**
 * The PSI keeps this many levels of the reference as cells of their own, those with at least `fewestRows`.
 */
const mostLevels = 50;
const fewestRows = 5;

/** Of a column with more levels than were kept, this many are told apart; the reader looks them up in either window. */
export const toldApart = 1000;

/**
 * Levels of both windows with their counts: those of the reference by size, then the new ones by size. Where a window has
 * more levels than are kept, the reference's commonest ones and all others as one.
 */
export function alignLevels(reference: CategoricalColumn, current: CategoricalColumn): readonly Cell[] {
  const all = alignKept(reference, current);
  if (reference.rest === undefined && current.rest === undefined) return all;
  const known = all.filter((cell) => cell.reference > 0);
  const others = sumCells('other', [...known.slice(toldApart), ...all.slice(known.length)]);
  const rest = {
    label: others.label,
    reference: others.reference + (reference.rest?.rows ?? 0),
    current: others.current + (current.rest?.rows ?? 0),
  };
  return [...known.slice(0, toldApart), rest];
}

function alignKept(reference: CategoricalColumn, current: CategoricalColumn): readonly Cell[] {
  const currentCounts = new Map(current.levels.map((level, index) => [level, current.counts[index] ?? 0]));
  const known = reference.levels.flatMap((label, index) => {
    const count = reference.counts[index] ?? 0;
    return count > 0 ? [{ label, reference: count, current: currentCounts.get(label) ?? 0 }] : [];
  });
  const knownLabels = new Set(known.map((cell) => cell.label));
  const added = current.levels.flatMap((label, index) => {
    const count = current.counts[index] ?? 0;
    return count > 0 && !knownLabels.has(label) ? [{ label, reference: 0, current: count }] : [];
  });
  return [
    ...known.sort((a, b) => b.reference - a.reference || compareText(a.label, b.label)),
    ...added.sort((a, b) => b.current - a.current || compareText(a.label, b.label)),
  ];
}

/** Cells of the PSI: the reference's large levels, one for its others, one for all that are new. */
export function categoryCells(levels: readonly Cell[]): readonly Cell[] {
  const known = levels.filter((level) => level.reference > 0);
  const large = known.slice(0, mostLevels).filter((level) => level.reference >= fewestRows);
  const other = sumCells('other', known.slice(large.length));
  const added = sumCells('new', levels.slice(known.length));
  return [...large, ...[other, added].filter((cell) => cell.reference + cell.current > 0)];
}

function sumCells(label: string, cells: readonly Cell[]): Cell {
  return {
    label,
    reference: cells.reduce((sum, cell) => sum + cell.reference, 0),
    current: cells.reduce((sum, cell) => sum + cell.current, 0),
  };
}

/** By code units: the same order on every machine. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
