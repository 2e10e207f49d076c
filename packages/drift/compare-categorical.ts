import type { ColumnSettings } from '@watchtower/contracts';
import { alignLevels, categoryCells } from './category-cells.ts';
import { cellStatistics } from './cell-statistics.ts';
import { correctedCramersV } from './chi-square.ts';
import { missingCell } from './compare-numeric.ts';
import { homogeneity } from './homogeneity.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import type { Facet, Measurement } from './measurement.ts';
import { compareMissing } from './missing-values.ts';
import type { Cell } from './population-stability-index.ts';
import { type CategoricalColumn, presentRows } from './table.ts';
import { type DriftSettings, thresholdOf } from './thresholds.ts';
import { tooFewValues } from './too-few-values.ts';
import { unseenShare } from './unseen-share.ts';

/** Of new categories, and of vanished ones, the report names this many. */
export const mostNamedCategories = 50;

/** χ², PSI and JS of one column of categories, its missing values, and the categories that came and went. */
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
  const complete = reference.rest === undefined && current.rest === undefined;
  const named = (gone: (level: Cell) => boolean) =>
    complete
      ? levels
          .filter(gone)
          .slice(0, mostNamedCategories)
          .map((level) => level.label)
      : [];
  const newCategories = named((level) => level.reference === 0);
  const vanishedCategories = named((level) => level.current === 0);
  const kl = kullbackLeibler(
    levels.map((level) => level.current),
    levels.map((level) => level.reference),
  );
  const base = {
    name,
    type,
    role,
    missing: missing.report,
    newCategories,
    vanishedCategories,
    ...(role === 'target' ? { target: { kl, meanShift: null } } : {}),
  };
  const obstacle = tooFewValues({ reference: n, current: m }, settings.minimum_rows);
  const enoughRows = Math.min(rows.reference, rows.current) >= settings.minimum_rows;
  const facets = enoughRows ? missing.facets : [];
  if (n === 0 || m === 0) return { ...base, facets, obstacle, statistics: {}, bins: [] };

  const test = homogeneity(
    levels.map((level) => level.reference),
    levels.map((level) => level.current),
  );
  const cells = cellStatistics(
    categoryCells(levels),
    missingCell(missingCounts),
    levels,
    settings.alpha,
    own,
  );
  const effect = {
    measure: 'cramersV',
    value: correctedCramersV(test, n, m),
    threshold: thresholdOf('cramersV', own),
  } as const;
  const valueFacet = { kind: 'values', pValue: test.pValue, effects: [effect, ...cells.effects] } as const;
  return {
    ...base,
    facets:
      obstacle === null ? [valueFacet, ...facets, ...(complete ? unseenFacets(levels, own) : [])] : facets,
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

/** Rows of the current window in categories the reference lacks, and the reverse. */
function unseenFacets(levels: readonly Cell[], own: ColumnSettings | undefined): readonly Facet[] {
  const reference = levels.map((level) => level.reference);
  const current = levels.map((level) => level.current);
  const added = unseenShare(reference, current);
  const gone = unseenShare(current, reference);
  return [
    {
      kind: 'new_categories',
      pValue: added.pValue,
      effects: [
        { measure: 'newCategories', value: added.excess, threshold: thresholdOf('newCategories', own) },
      ],
    },
    {
      kind: 'vanished_categories',
      pValue: gone.pValue,
      effects: [
        {
          measure: 'vanishedCategories',
          value: gone.excess,
          threshold: thresholdOf('vanishedCategories', own),
        },
      ],
    },
  ];
}
