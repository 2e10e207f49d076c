import type { ColumnRole, ColumnSettings } from '@watchtower/contracts';
import type { Facet, Measurement } from './measurement.ts';
import { thresholdOf } from './thresholds.ts';
import { twoProportions } from './two-proportions.ts';

export interface Missing {
  readonly report: Measurement['missing'];
  /** None for targets: labels that have not arrived yet are no drift. */
  readonly facets: readonly Facet[];
}

/** Compares the shares of rows without a value. */
export function compareMissing(
  counts: { readonly reference: number; readonly current: number },
  rows: { readonly reference: number; readonly current: number },
  role: ColumnRole,
  settings: ColumnSettings | undefined,
): Missing {
  const share = (missing: number, all: number) => (all === 0 ? 0 : missing / all);
  const reference = share(counts.reference, rows.reference);
  const current = share(counts.current, rows.current);
  const pValue = twoProportions(counts.reference, rows.reference, counts.current, rows.current);
  const effect = {
    measure: 'missing',
    value: Math.abs(current - reference),
    threshold: thresholdOf('missing', settings),
  } as const;
  return {
    report: { reference, current, p_value: pValue },
    facets: role !== 'target' ? [{ kind: 'missing', pValue, effects: [effect] }] : [],
  };
}

/** Compares the shares of infinite rows; nothing where neither window has any. */
export function compareInfinite(
  counts: { readonly reference: number; readonly current: number },
  rows: { readonly reference: number; readonly current: number },
  settings: ColumnSettings | undefined,
): { readonly report?: Measurement['infinite']; readonly facets: readonly Facet[] } {
  if (counts.reference + counts.current === 0) return { facets: [] };
  const reference = counts.reference / rows.reference;
  const current = counts.current / rows.current;
  const pValue = twoProportions(counts.reference, rows.reference, counts.current, rows.current);
  const threshold = thresholdOf('infinite', settings);
  const effect = { measure: 'infinite', value: Math.abs(current - reference), threshold } as const;
  return {
    report: { reference, current, p_value: pValue },
    facets: [{ kind: 'infinite', pValue, effects: [effect] }],
  };
}
