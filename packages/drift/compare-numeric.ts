import type { ColumnSettings } from '@watchtower/contracts';
import { cellStatistics } from './cell-statistics.ts';
import { correctedDistance, kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import type { Measurement } from './measurement.ts';
import { compareMissing } from './missing-values.ts';
import type { Cell } from './population-stability-index.ts';
import { quantileCells } from './quantile-bins.ts';
import type { NumericColumn } from './table.ts';
import { type DriftSettings, thresholdOf } from './thresholds.ts';
import { tooFewValues } from './too-few-values.ts';

/** KS, PSI and JS of one column of numbers or datetimes, and its missing values. */
export function compareNumeric(
  reference: NumericColumn,
  current: NumericColumn,
  settings: DriftSettings,
  own: ColumnSettings | undefined,
): Measurement {
  const { name, type, role } = reference;
  const before = sortedValues(reference.values);
  const after = sortedValues(current.values);
  const n = before.length;
  const m = after.length;
  const rows = { reference: reference.values.length, current: current.values.length };
  const missingCounts = { reference: rows.reference - n, current: rows.current - m };
  const missing = compareMissing(missingCounts, rows, role, own);
  const base = { name, type, role, missing: missing.report, newCategories: [] };
  const obstacle = tooFewValues({ reference: n, current: m }, settings.minimum_rows);
  const enoughRows = Math.min(rows.reference, rows.current) >= settings.minimum_rows;
  const facets = enoughRows ? missing.facets : [];
  if (n === 0 || m === 0) return { ...base, facets, obstacle, statistics: {}, bins: [] };

  const ks = kolmogorovSmirnov(before, after);
  const write = type === 'datetime' ? isoMinute : undefined;
  const values = quantileCells(before, after, settings.bins, write);
  const cells = cellStatistics([...values, ...missingCell(missingCounts)], values, settings.alpha, own);
  const ksEffect = {
    measure: 'ks',
    value: correctedDistance(ks.statistic, n, m),
    threshold: thresholdOf('ks', own),
  } as const;
  const valueFacet = { kind: 'values', pValue: ks.pValue, effects: [ksEffect, ...cells.effects] } as const;
  return {
    ...base,
    facets: obstacle === null ? [valueFacet, ...facets] : facets,
    obstacle,
    statistics: { ks: { statistic: ks.statistic, p_value: ks.pValue }, ...cells.statistics },
    bins: cells.bins,
  };
}

/** A cell of its own, where either window misses anything. */
export function missingCell(counts: {
  readonly reference: number;
  readonly current: number;
}): readonly Cell[] {
  return counts.reference + counts.current > 0 ? [{ label: 'missing', ...counts }] : [];
}

const sortedValues = (values: Float64Array): Float64Array =>
  values.filter((value) => !Number.isNaN(value)).sort();

/** Beyond what a Date can hold there is only the number. */
function isoMinute(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : `${date.toISOString().slice(0, 16)}Z`;
}
