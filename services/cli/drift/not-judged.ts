import type { ColumnReport, DriftReport } from '@watchtower/contracts';
import { shownName } from './shown-name.ts';

/** Of many columns a note names this many. */
const mostNamed = 10;

/** Whether a column has a verdict: it drifted, or it did not. */
export const isJudged = ({ role, status }: ColumnReport): boolean =>
  role !== 'identifier' && (status === 'ok' || status === 'drifted');

/** The report in a word or two. */
export function headline({ dataset, columns }: DriftReport): 'Drift' | 'No drift' | 'No verdict' {
  if (dataset.drift_detected) return 'Drift';
  return columns.some(isJudged) ? 'No drift' : 'No verdict';
}

/** What no verdict was given about, so that nobody takes its absence for calm. */
export function notJudged({ columns }: DriftReport): readonly string[] {
  const of = (status: ColumnReport['status']) =>
    columns.filter((column) => column.status === status).map(({ name }) => shownName(name));
  const named = (names: readonly string[], what: string) => {
    if (names.length === 0) return [];
    const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
    return [`${what}: ${names.slice(0, mostNamed).join(', ')}${more}.`];
  };
  return [
    ...named(of('error'), 'Could not be compared'),
    ...named(of('insufficient_data'), 'Too few values to judge'),
    ...(columns.some(isJudged)
      ? []
      : ['No column could be judged: that is no result, and ends with code 2.']),
  ];
}
