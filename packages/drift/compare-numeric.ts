import type { ColumnSettings } from '@watchtower/contracts';
import { labelCells } from './cell-labels.ts';
import { cellStatistics } from './cell-statistics.ts';
import { compareValues } from './compare-values.ts';
import { distinctValues, type ValueCounts } from './distinct-values.ts';
import type { ComparisonScratch } from './kernels/comparison-scratch.ts';
import { type ScannedValues, scanValues } from './kernels/scan-values.ts';
import { correctedDistance, criticalDistance, kolmogorovSmirnovPValue } from './kolmogorov-smirnov.ts';
import type { Effect, Facet, Measurement } from './measurement.ts';
import { compareInfinite, compareMissing } from './missing-values.ts';
import { type NumericSide, summarizeCurrent, summarizeProfile, summarizeReference } from './numeric-side.ts';
import type { Cell } from './population-stability-index.ts';
import { compareWithDistinct } from './profile/compare-with-distinct.ts';
import { compareWithProfile, expandProfile } from './profile/compare-with-profile.ts';
import type { NumericProfile } from './profile/numeric-profile.ts';
import type { NumericColumn } from './table.ts';
import { type DriftSettings, thresholdOf } from './thresholds.ts';
import { tooFewValues } from './too-few-values.ts';
import type { ValueComparison } from './value-comparison.ts';
import { compareValueCounts, mostCurrent } from './value-counts.ts';
import { normalizedDistance } from './wasserstein.ts';

/** A side ready to be compared: values, or cells alone. */
type Prepared =
  | { readonly values: ScannedValues }
  | { readonly values: null; readonly profile: NumericProfile };

/** KS, PSI, JS and Wasserstein of one column of numbers or datetimes, its missing and its infinite values. */
export function compareNumeric(
  reference: NumericSide,
  current: NumericColumn,
  settings: DriftSettings,
  own: ColumnSettings | undefined,
  scratch?: ComparisonScratch,
): Measurement {
  const { name, type, role } = reference;
  const before = prepare(reference, scratch);
  const after = scanValues(current.values, scratch && { scratch, side: 'current' });
  const summary =
    reference.kind === 'numeric profile'
      ? summarizeProfile(reference)
      : summarizeReference(before.values ?? scanValues(reference.values), scratch);
  const currentSummary = summarizeCurrent(after);
  const rows = { reference: summary.count + summary.missing, current: current.values.length };
  const missingCounts = { reference: summary.missing, current: currentSummary.missing };
  const missing = compareMissing(missingCounts, rows, role, own);
  const infiniteCounts = { reference: summary.infinite, current: currentSummary.infinite };
  const infinite = compareInfinite(infiniteCounts, rows, own);
  const obstacle = tooFewValues(
    { reference: summary.count, current: currentSummary.count },
    settings.minimum_rows,
  );
  const enoughRows = Math.min(rows.reference, rows.current) >= settings.minimum_rows;
  const facets = enoughRows ? [...missing.facets, ...infinite.facets] : [];
  const base = {
    name,
    type,
    role,
    missing: missing.report,
    ...(infinite.report === undefined ? {} : { infinite: infinite.report }),
    newCategories: [],
    vanishedCategories: [],
    ...(role === 'target' ? { target: { kl: null, meanShift: meanShift(summary, currentSummary) } } : {}),
  };
  if (summary.count === 0 || currentSummary.count === 0) {
    return { ...base, facets, obstacle, statistics: {}, bins: [] };
  }
  const comparison =
    before.values === null
      ? againstProfile(before.profile, after, settings.bins, scratch)
      : compareValues(before.values, after, settings.bins, scratch);
  const ks = testOf(comparison, settings.alpha);
  const counts = type === 'discrete' ? compareValueCounts(countsOf(before), after, own) : null;
  const values = counts?.cells ?? quantileCells(comparison, type);
  const cells = cellStatistics(values, missingCell(missingCounts), values, settings.alpha, own);
  const effects: readonly Effect[] = [
    {
      measure: 'ks',
      value: correctedDistance(ks.statistic, comparison.n, comparison.m),
      threshold: thresholdOf('ks', own),
    },
    ...(counts?.effects ?? []),
    ...cells.effects,
  ];
  // Two tests of one question: Bonferroni between them.
  const pValue = counts === null ? ks.p_value : Math.min(1, 2 * Math.min(ks.p_value, counts.chi2.p_value));
  const valueFacet: Facet = { kind: 'values', pValue, effects };
  return {
    ...base,
    facets: obstacle === null ? [valueFacet, ...facets] : facets,
    obstacle,
    statistics: {
      ks,
      ...cells.statistics,
      ...wassersteinOf(comparison, summary.deviation),
      ...(counts === null ? {} : { chi2: counts.chi2 }),
    },
    bins: cells.bins,
  };
}

/** A profile that stands for a few values is written out: nothing is quicker. */
const fewValues = 32_768;

function prepare(side: NumericSide, scratch: ComparisonScratch | undefined): Prepared {
  if (side.kind === 'numeric') {
    return { values: scanValues(side.values, scratch && { scratch, side: 'reference' }) };
  }
  const values = side.finite <= fewValues ? expandProfile(side, scratch) : null;
  return values === null ? { values, profile: side } : { values };
}

function againstProfile(
  profile: NumericProfile,
  after: ScannedValues,
  bins: number,
  scratch: ComparisonScratch | undefined,
): ValueComparison {
  if (profile.error > 0) return compareWithProfile(profile, after, bins, scratch);
  const compared = after.finite.length > 0 ? compareWithDistinct(profile, after, bins, scratch) : null;
  if (compared !== null) return compared;
  const values = expandProfile(profile, scratch);
  if (values === null) throw new Error('A profile without an error stands for its values.');
  return compareValues(values, after, bins, scratch);
}

/** The reference's distinct values, where each is known. */
function countsOf(before: Prepared): ValueCounts | null {
  if (before.values !== null) return distinctValues(before.values.finite, mostCurrent);
  const { error, uppers, counts } = before.profile;
  if (error > 0 || uppers.length > mostCurrent) return null;
  return { values: [...uppers], counts: [...counts] };
}

function testOf({ n, m, difference, error }: ValueComparison, alpha: number) {
  return {
    statistic: difference / (n * m),
    p_value: kolmogorovSmirnovPValue(n, m, difference),
    critical: criticalDistance(n, m, alpha),
    ...(error > 0 ? { error } : {}),
  };
}

function wassersteinOf({ wasserstein }: ValueComparison, deviation: number) {
  if (!Number.isFinite(wasserstein)) return {};
  return { wasserstein: { value: wasserstein, normalized: normalizedDistance(wasserstein, deviation) } };
}

function quantileCells(comparison: ValueComparison, type: NumericColumn['type']): readonly Cell[] {
  const labels = labelCells(comparison.edges, type === 'datetime' ? isoMinute : undefined);
  return labels.map((label, index) => ({
    label,
    reference: comparison.reference[index] ?? 0,
    current: comparison.current[index] ?? 0,
  }));
}

/** |Δmean| in standard deviations of the reference; null where that is not a finite number. */
function meanShift(
  before: { readonly mean: number; readonly deviation: number },
  after: { readonly mean: number },
): number | null {
  const shift = Math.abs(after.mean - before.mean) / before.deviation;
  return Number.isFinite(shift) ? shift : null;
}

/** A cell of its own, where either window misses anything. */
export function missingCell(counts: {
  readonly reference: number;
  readonly current: number;
}): readonly Cell[] {
  return counts.reference + counts.current > 0 ? [{ label: 'missing', ...counts }] : [];
}

/** Beyond what a Date can hold there is only the number. */
function isoMinute(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : `${date.toISOString().slice(0, 16)}Z`;
}
