import type { ColumnReport, ColumnSettings, ColumnStatistics } from '@watchtower/contracts';
import { jensenShannon } from './jensen-shannon.ts';
import { type Effect, strongestBins } from './measurement.ts';
import { type Cell, populationStability } from './population-stability-index.ts';
import { thresholdOf } from './thresholds.ts';

export interface CellStatistics {
  readonly statistics: Pick<ColumnStatistics, 'psi' | 'js'>;
  readonly effects: readonly Effect[];
  readonly bins: ColumnReport['bins'];
}

/**
 * PSI over all cells, as it is usually told; its effect, and Jensen–Shannon, over the cells of values alone: missing ones are
 * a question of their own.
 *
 * @param cells the PSI's cells of values; @param missing its cell of rows without one, if there are any
 * @param values cells of values for Jensen–Shannon, which for categories are finer than those of the PSI
 */
export function cellStatistics(
  cells: readonly Cell[],
  missing: readonly Cell[],
  values: readonly Cell[],
  alpha: number,
  settings: ColumnSettings | undefined,
): CellStatistics {
  const all = [...cells, ...missing];
  const psi = populationStability(all, alpha);
  const ofValues = missing.length === 0 ? psi : populationStability(cells, alpha);
  const n = cells.reduce((sum, cell) => sum + cell.reference, 0);
  const m = cells.reduce((sum, cell) => sum + cell.current, 0);
  const rows = all.reduce((sum, cell) => sum + cell.reference, 0);
  const currentRows = all.reduce((sum, cell) => sum + cell.current, 0);
  const js = jensenShannon(
    values.map((cell) => cell.reference),
    values.map((cell) => cell.current),
  );
  const effects: Effect[] = [
    { measure: 'psi', value: ofValues.corrected, threshold: thresholdOf('psi', settings) },
  ];
  if (js !== null) {
    // Close to no change JS is an eighth of the PSI, and so is what chance adds to it.
    const chance = ((values.length - 1) * (1 / n + 1 / m)) / 8;
    const threshold = thresholdOf('js', settings);
    effects.push({ measure: 'js', value: Math.max(0, js.divergence - chance), threshold });
  }
  return {
    statistics: {
      psi: { value: psi.value, corrected: psi.corrected, critical: psi.critical },
      ...(js === null ? {} : { js }),
    },
    effects,
    bins: strongestBins(
      all.map((cell, index) => ({
        label: cell.label,
        reference_share: cell.reference / rows,
        current_share: cell.current / currentRows,
        psi: psi.contributions[index] ?? 0,
      })),
    ),
  };
}
