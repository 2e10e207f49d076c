import type { ColumnReport, ColumnStatistics } from '@watchtower/contracts';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import type { Effect, Facet, Measurement } from './measurement.ts';
import type { Measure } from './thresholds.ts';

export interface JudgedColumn {
  readonly report: ColumnReport;
  /**
   * 0 where the column does not drift, else its largest effect over the one that counts as high, at most 1.
   */
  readonly movement: number;
}

interface JudgedFacet extends Facet {
  readonly adjusted: number;
  readonly drifted: boolean;
}

/**
 * A column drifts when one of its facets is significant (adjusted p below alpha, over all tests of the
 * report) and material (one of its effects reaches its threshold). Severity is then at least medium, and high
 * from an effect's high on.
 */
export function judgeColumns(measurements: readonly Measurement[], alpha: number): readonly JudgedColumn[] {
  const pValues = measurements.flatMap((measurement) => measurement.facets.map((facet) => facet.pValue));
  const adjusted = benjaminiHochberg(pValues);
  let next = 0;
  return measurements.map((measurement) => {
    const facets = measurement.facets.map((facet): JudgedFacet => {
      const p = adjusted[next] ?? 1;
      next += 1;
      return { ...facet, adjusted: p, drifted: p < alpha && facet.effects.some(isMaterial) };
    });
    return judge(measurement, facets, alpha);
  });
}

function judge(measurement: Measurement, facets: readonly JudgedFacet[], alpha: number): JudgedColumn {
  const drifted = facets.filter((facet) => facet.drifted);
  const effects = drifted.flatMap((facet) => facet.effects);
  const high = effects.some((effect) => effect.value >= effect.threshold.high);
  const { name, type, role, newCategories, vanishedCategories, infinite, bins } = measurement;
  const missing = facets.find((facet) => facet.kind === 'missing');
  const infinity = facets.find((facet) => facet.kind === 'infinite');
  const notCompared = drifted.length === 0 ? measurement.obstacle : null;
  const calm = notCompared === null ? 'ok' : notCompared.status;
  const report: ColumnReport = {
    name,
    type,
    role,
    status: drifted.length > 0 ? 'drifted' : calm,
    severity: drifted.length === 0 ? 'stable' : high ? 'high' : 'medium',
    reason: notCompared === null ? explain(facets, drifted, alpha) : notCompared.reason,
    statistics: withAdjusted(measurement.statistics, facets),
    missing: { ...measurement.missing, ...(missing && { p_adjusted: missing.adjusted }) },
    ...(infinite && { infinite: { ...infinite, ...(infinity && { p_adjusted: infinity.adjusted }) } }),
    new_categories: [...newCategories],
    vanished_categories: [...vanishedCategories],
    ...(notCompared?.rowsNeeded === undefined ? {} : { rows_needed: notCompared.rowsNeeded }),
    bins,
  };
  const sizes = effects.map((effect) =>
    effect.threshold.high > 0 ? effect.value / effect.threshold.high : 1,
  );
  return { report, movement: Math.min(1, Math.max(0, ...sizes)) };
}

const isMaterial = (effect: Effect): boolean => effect.value >= effect.threshold.material;

function withAdjusted(statistics: ColumnStatistics, facets: readonly JudgedFacet[]): ColumnStatistics {
  const adjusted = facets.find((facet) => facet.kind === 'values')?.adjusted;
  if (adjusted === undefined) return statistics;
  const { ks, chi2 } = statistics;
  return {
    ...statistics,
    ...(ks && { ks: { ...ks, p_adjusted: adjusted } }),
    ...(chi2 && { chi2: { ...chi2, p_adjusted: adjusted } }),
  };
}

const facetNames: Readonly<Record<Facet['kind'], string>> = {
  values: 'The distribution moved',
  missing: 'The share of missing values changed',
  infinite: 'The share of infinite values changed',
  new_categories: 'New categories appeared',
  vanished_categories: 'Categories vanished',
};

const effectNames: Readonly<Record<Measure, string>> = {
  ks: 'KS effect',
  psi: 'corrected PSI',
  js: 'JS divergence',
  cramersV: "corrected Cramér's V",
  missing: 'difference',
  infinite: 'difference',
  newCategories: 'share beyond the expected',
  vanishedCategories: 'share beyond the expected',
};

function explain(facets: readonly JudgedFacet[], drifted: readonly JudgedFacet[], alpha: number): string {
  if (drifted.length > 0) return `${drifted.map(describe).join('; ')}.`;
  const significant = facets.filter((facet) => facet.adjusted < alpha);
  if (significant.length > 0)
    return `Significant but too small to matter: ${significant.map(describe).join('; ')}.`;
  const material = facets.filter((facet) => facet.effects.some(isMaterial));
  if (material.length > 0) return `Within what chance explains: ${material.map(describe).join('; ')}.`;
  return 'No significant and no material change.';
}

function describe(facet: JudgedFacet): string {
  const effect = facet.effects.reduce((a, b) => (relative(b) > relative(a) ? b : a));
  const bound = isMaterial(effect) ? '≥' : '<';
  return (
    `${facetNames[facet.kind]} (${effectNames[effect.measure]} ${effect.value.toFixed(3)} ` +
    `${bound} ${effect.threshold.material}, adjusted p ${shortProbability(facet.adjusted)})`
  );
}

const relative = (effect: Effect): number => effect.value / effect.threshold.material;

const shortProbability = (p: number): string =>
  p < 1e-300 ? '< 1e-300' : p < 0.001 ? p.toExponential(1) : p.toFixed(3);
