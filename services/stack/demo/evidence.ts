import type { EvaluationReport, MetricName } from '@watchtower/contracts';
import { table } from './table.ts';

const marks = { passed: '✔', failed: '✖', inconclusive: '?' } as const;

/** Metrics of both models on the same held-out rows, and what the gates say. */
export function evidenceLines(report: EvaluationReport): readonly string[] {
  const { challenger, champion, improvement } = report;
  const names = Object.keys(challenger.metrics) as readonly MetricName[];
  const rows = names.map((name) => [
    name,
    number(champion?.metrics[name]),
    number(challenger.metrics[name]),
    difference(champion?.metrics[name], challenger.metrics[name]),
  ]);
  const header = ['metric', champion === null ? 'no champion' : `champion v${champion.version}`];
  return [
    `  ${report.rows} held-out rows, ${report.window.from} to ${report.window.to}`,
    '',
    ...table([...header, `challenger v${challenger.version}`, 'difference'], rows),
    '',
    ...(improvement === null
      ? []
      : [
          `  ${improvement.metric} improves by ${number(improvement.difference)} ` +
            `(${improvement.confidence * 100} % interval ${number(improvement.low)} to ${number(improvement.high)})`,
        ]),
    ...report.gates.map((gate) => `  ${marks[gate.status]} ${gate.name}: ${gate.reason}`),
    `  Outcome: ${report.outcome}. ${report.reason}`,
    `  Evidence ${report.evidence_digest}`,
  ];
}

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toFixed(4);

function difference(before: number | null | undefined, after: number | null | undefined): string {
  if (before === null || before === undefined || after === null || after === undefined) return '–';
  const change = after - before;
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(4)}`;
}
