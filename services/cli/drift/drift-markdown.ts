import { printable } from '@watchtower/client/colours';
import type { ColumnReport, DriftReport } from '@watchtower/contracts';
import { datasetSentence } from './drift-text.ts';
import { headline } from './not-judged.ts';
import { ranked } from './ranking.ts';
import { shownName } from './shown-name.ts';

/** The report as Markdown, for a pull request or a job's summary: columns that drifted first. */
export function driftMarkdown(report: DriftReport): string {
  const { target } = report;
  return [
    `## ${headline(report)}`,
    '',
    `${datasetSentence(report)}.`,
    '',
    ...(target === null ? [] : [`Target \`${code(target.name)}\`: ${cell(target.reason)}`, '']),
    '| Column | Type | Status | Severity | PSI | KS / V | Adjusted p | Why |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...ranked(report.columns).map(row),
  ].join('\n');
}

function row(column: ColumnReport): string {
  const { ks, chi2, psi } = column.statistics;
  const test = ks ?? chi2;
  const figures = [psi?.value, ks?.statistic ?? chi2?.cramers_v].map((value) => value?.toFixed(3) ?? '');
  const p = test?.p_adjusted === undefined ? '' : shortProbability(test.p_adjusted);
  const status = column.status === 'drifted' ? '**drifted**' : column.status.replace('_', ' ');
  return `| \`${code(column.name)}\` | ${column.type} | ${status} | ${column.severity} | ${figures.join(' | ')} | ${p} | ${cell(column.reason)} |`;
}

const shortProbability = (p: number): string => (p < 1e-4 ? '< 0.0001' : p.toFixed(4));
const code = (text: string): string => shownName(text).replaceAll('`', "'").replaceAll('|', '\\|');
const cell = (text: string): string => printable(text).replaceAll(/[|<>*_`[\]]/g, '\\$&');
