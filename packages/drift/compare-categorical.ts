import type { ColumnSettings } from '@watchtower/contracts';
import { alignLevels, categoryCells } from './category-cells.ts';
import { cellStatistics } from './cell-statistics.ts';
import { chiSquare, correctedCramersV, isSparse, poolRare } from './chi-square.ts';
import { missingCell } from './compare-numeric.ts';
import type { Facet, Measurement } from './measurement.ts';
import { compareMissing } from './missing-values.ts';
import type { Cell } from './population-stability-index.ts';
import { type CategoricalColumn, presentRows } from './table.ts';
import { type DriftSettings, thresholdOf } from './thresholds.ts';
import { tooFewValues } from './too-few-values.ts';
import { twoProportions } from './two-proportions.ts';

const mostNewCategories = 50;

/** χ², PSI and JS of one column of categories, its missing values and its new categories. */
export function compareCategorical(
  reference: CategoricalColumn,
  current: CategoricalColumn,
  settings: DriftSettings,
  own: ColumnSettings | undefined,
): Measurement {
  const { name, type, role } = reference;
  const n = presentRows(reference);
  const m = presentRows(current);
  const rows = { reference: n + reference.missing, current: m + current.missing };
  const missingCounts = { reference: reference.missing, current: current.missing };
  const missing = compareMissing(missingCounts, rows, role, own);
  const levels = alignLevels(reference, current);
  const newCategories = levels
    .filter((level) => level.reference === 0)
    .slice(0, mostNewCategories)
    .map((level) => level.label);
  const base = { name, type, role, missing: missing.report, newCategories };
  const obstacle = tooFewValues({ reference: n, current: m }, settings.minimum_rows);
  const enoughRows = Math.min(rows.reference, rows.current) >= settings.minimum_rows;
  const facets = enoughRows ? missing.facets : [];
  if (n === 0 || m === 0) return { ...base, facets, obstacle, statistics: {}, bins: [] };

  const test = homogeneity(levels);
  const psiCells = [...categoryCells(levels), ...missingCell(missingCounts)];
  const cells = cellStatistics(psiCells, levels, settings.alpha, own);
  const effect = {
    measure: 'cramersV',
    value: correctedCramersV(test, n, m),
    threshold: thresholdOf('cramersV', own),
  } as const;
  const valueFacet = { kind: 'values', pValue: test.pValue, effects: [effect, ...cells.effects] } as const;
  return {
    ...base,
    facets: obstacle === null ? [valueFacet, ...facets, ...newCategoryFacet(levels, n, m, own)] : facets,
    obstacle,
    statistics: {
      chi2: {
        statistic: test.statistic,
        p_value: test.pValue,
        dof: test.degreesOfFreedom,
        cramers_v: test.cramersV,
      },
      ...cells.statistics,
    },
    bins: cells.bins,
  };
}

/** χ² over all levels, or with the rare ones counted together where the table is sparse. */
function homogeneity(levels: readonly Cell[]) {
  const reference = levels.map((level) => level.reference);
  const current = levels.map((level) => level.current);
  if (!isSparse(reference, current)) return chiSquare(reference, current);
  const pooled = poolRare(reference, current);
  return chiSquare(pooled.reference, pooled.current);
}

/**
 * Even without drift some rows fall into categories the reference never saw, the more the longer its tail.
 * The share to expect is that of the reference's rows whose category no other of its rows has (Good,
 * Biometrika 40, 1953): the share of new categories is compared with that, not with zero.
 */
function newCategoryFacet(
  levels: readonly Cell[],
  n: number,
  m: number,
  own: ColumnSettings | undefined,
): readonly Facet[] {
  const single = levels.filter((level) => level.reference === 1).length;
  const added = levels.reduce((sum, level) => sum + (level.reference === 0 ? level.current : 0), 0);
  const value = Math.max(0, added / m - single / n);
  const threshold = thresholdOf('newCategories', own);
  const pValue = twoProportions(single, n, added, m);
  return [{ kind: 'new_categories', pValue, effects: [{ measure: 'newCategories', value, threshold }] }];
}
