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
