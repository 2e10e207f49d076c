import type { EvaluationReport, Improvement } from '@watchtower/contracts';
import { type Colours, printable } from './colours.ts';
import { table } from './table.ts';

/** What a decision rests on: both models on the same rows, the gates, and the digest that a decision quotes. */
export function evaluationText(report: EvaluationReport, colours: Colours): string {
  const { rows, window, improvement } = report;
  return [
    `${report.outcome}: ${printable(report.reason)}`,
    `${rows} held-out rows, ${window.from} to ${window.to}`,
    '',
    metricsTable(report, colours),
    ...(improvement === null ? [] : ['', improvementText(improvement)]),
    '',
    gatesTable(report, colours),
    '',
    `evidence ${report.evidence_digest}`,
  ].join('\n');
}

function metricsTable({ challenger, champion }: EvaluationReport, colours: Colours): string {
  const before: Values = champion?.metrics ?? {};
  const now: Values = challenger.metrics;
  return table(
    ['METRIC', `CHAMPION ${champion?.version ?? '(none)'}`, `CHALLENGER ${challenger.version}`, 'DIFFERENCE'],
    Object.keys({ ...now, ...before }).map((name) => [
      name,
      number(before[name]),
      number(now[name]),
      difference(before[name], now[name]),
    ]),
    colours,
    [1, 2, 3],
  );
}

function gatesTable({ gates }: EvaluationReport, colours: Colours): string {
  const mark = {
    passed: colours.green('passed'),
    failed: colours.red('failed'),
    inconclusive: colours.yellow('inconclusive'),
  };
  return table(
    ['GATE', 'STATUS', 'REASON'],
    gates.map(({ name, metric, status, reason }) => [
      metric === null ? name : `${name} (${metric})`,
      mark[status],
      printable(reason),
    ]),
    colours,
  );
}

/** Counted in the metric's better direction, so that more is better. */
const improvementText = ({ metric, difference: gain, confidence, low, high }: Improvement): string =>
  `${metric} improves by ${number(gain)} (${confidence * 100} % interval ${number(low)} to ${number(high)})`;

type Value = number | null | undefined;
type Values = Readonly<Record<string, Value>>;

const number = (value: Value): string => (typeof value === 'number' ? value.toFixed(4) : '-');

function difference(before: Value, now: Value): string {
  if (typeof before !== 'number' || typeof now !== 'number') return '-';
  const change = now - before;
  return `${change < 0 ? '' : '+'}${change.toFixed(4)}`;
}
