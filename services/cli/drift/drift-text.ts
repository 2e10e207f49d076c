import { type Colours, printable } from '@watchtower/client/colours';
import { table } from '@watchtower/client/table';
import type { DriftReport } from '@watchtower/contracts';
import { headline, isJudged } from './not-judged.ts';
import { shownName } from './shown-name.ts';

/** The report as a table and two sentences, for a terminal. */
export function driftText(report: DriftReport, colours: Colours): string {
  const { columns, target } = report;
  const rows = columns.map((column) => [
    shownName(column.name),
    column.type,
    column.status === 'drifted' ? colours.yellow(column.status) : column.status,
    column.severity,
    column.statistics.psi?.value.toFixed(4) ?? '-',
    printable(column.reason),
  ]);
  const said = headline(report);
  const verdict = (said === 'No drift' ? colours.green : colours.yellow)(said.toLowerCase());
  return [
    table(['COLUMN', 'TYPE', 'STATUS', 'SEVERITY', 'PSI', 'REASON'], rows, colours),
    '',
    ...(target === null ? [] : [`target ${shownName(target.name)}: ${printable(target.reason)}`]),
    `${verdict}: ${datasetSentence(report)}`,
  ].join('\n');
}

/** Features drifted, health and rows. */
export function datasetSentence(report: DriftReport): string {
  const { dataset, columns } = report;
  const features = columns.filter((column) => column.role === 'feature' && isJudged(column)).length;
  const share = (dataset.drifted_share * 100).toFixed(0);
  const open = columns.filter((column) => column.role === 'feature' && !isJudged(column)).length;
  const [before, now] = [dataset.rows_reference, dataset.rows_current].map((rows) =>
    rows.toLocaleString('en-US'),
  );
  return (
    `${dataset.features_drifted} of ${features} features drifted (${share} %), ` +
    `${open === 0 ? '' : `${open} could not be judged, `}` +
    `${headline(report) === 'No verdict' ? '' : `health ${dataset.health.replace('_', ' ')}, `}${now} rows against ${before} of the reference`
  );
}
