import { type Colours, printable } from '@watchtower/client/colours';
import { table } from '@watchtower/client/table';
import type { DriftReport } from '@watchtower/contracts';
import { shownName } from './shown-name.ts';

/** The report as a table and two sentences, for a terminal. */
export function driftText(report: DriftReport, colours: Colours): string {
  const { columns, target, dataset } = report;
  const rows = columns.map((column) => [
    shownName(column.name),
    column.type,
    column.status === 'drifted' ? colours.yellow(column.status) : column.status,
    column.severity,
    column.statistics.psi?.value.toFixed(4) ?? '-',
    printable(column.reason),
  ]);
  const verdict = dataset.drift_detected ? colours.yellow('drift') : colours.green('no drift');
  return [
    table(['COLUMN', 'TYPE', 'STATUS', 'SEVERITY', 'PSI', 'REASON'], rows, colours),
    '',
    ...(target === null ? [] : [`target ${shownName(target.name)}: ${printable(target.reason)}`]),
    `${verdict}: ${datasetSentence(report)}`,
  ].join('\n');
}

/** Features drifted, health and rows. */
export function datasetSentence({ dataset, columns }: DriftReport): string {
  const features = columns.filter(
    ({ role, status }) => role === 'feature' && (status === 'ok' || status === 'drifted'),
  ).length;
  const share = (dataset.drifted_share * 100).toFixed(0);
  const [before, now] = [dataset.rows_reference, dataset.rows_current].map((rows) =>
    rows.toLocaleString('en-US'),
  );
  return (
    `${dataset.features_drifted} of ${features} features drifted (${share} %), ` +
    `health ${dataset.health.replace('_', ' ')}, ${now} rows against ${before} of the reference`
  );
}
