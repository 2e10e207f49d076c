import { chiSquareCritical } from './incomplete-gamma.ts';

/** One cell of a comparison: how many rows of each window lie in it. */
export interface Cell {
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

/** PSI of two windows over the same cells; `value` lies in [0, ∞). */
export interface PopulationStability {
  /** Σ (q − p)·ln(q/p) ≥ 0 over the smoothed shares. */
  readonly value: number;
  /** Less what it is on average when nothing moved, (B − 1)(1/n + 1/m); may be negative. */
  readonly corrected: number;
  /** What it exceeds with probability alpha when nothing moved. */
  readonly critical: number;
  /** The part of each cell, in the cells' order; they add up to `value`. */
  readonly contributions: readonly number[];
}

/**
 * Population stability index over B cells, shares smoothed as (c + ½)/(n + B/2) so that an empty cell is
 * neither dropped nor infinite. Without drift PSI/(1/n + 1/m) is about χ² with B − 1 degrees of freedom
 * (Yurdakul 2018; arXiv 2307.11878).
 */
export function populationStability(cells: readonly Cell[], alpha: number): PopulationStability {
  const n = cells.reduce((sum, cell) => sum + cell.reference, 0);
  const m = cells.reduce((sum, cell) => sum + cell.current, 0);
  const half = cells.length / 2;
  const contributions = cells.map((cell) => {
    const p = (cell.reference + 0.5) / (n + half);
    const q = (cell.current + 0.5) / (m + half);
    return (q - p) * Math.log(q / p);
  });
  const value = contributions.reduce((sum, part) => sum + part, 0);
  if (n === 0 || m === 0) return { value, corrected: value, critical: 0, contributions };
  const unit = 1 / n + 1 / m;
  return {
    value,
    corrected: value - (cells.length - 1) * unit,
    critical: chiSquareCritical(alpha, cells.length - 1) * unit,
    contributions,
  };
}
