import type { EvaluationReport, Run, RunDetail, Step } from '@watchtower/contracts';
import { type Colours, printable, table } from './output.ts';

/** Runs, steps and evaluations as people read them. */

export function statusText(run: Pick<Run, 'status' | 'outcome'>, colours: Colours): string {
  const text = run.outcome === null ? run.status : `${run.status}: ${run.outcome}`;
  if (run.status === 'failed') return colours.red(text);
  if (run.status === 'completed') return colours.green(text);
  return run.status === 'waiting_for_approval' ? colours.yellow(text) : text;
}

export function runsTable(runs: readonly Run[], colours: Colours): string {
  const rows = runs.map((run) => [
    run.run_id,
    run.model,
    statusText(run, colours),
    run.urgency ?? '-',
    run.dry_run ? `${run.trigger_source} (dry)` : run.trigger_source,
    localTime(run.triggered_at),
  ]);
  return table(['RUN', 'MODEL', 'STATUS', 'URGENCY', 'TRIGGER', 'TRIGGERED'], rows, colours);
}

export function runText(run: RunDetail, colours: Colours): string {
  const facts: (readonly [string, string])[] = [
    ['run', run.run_id],
    ['model', `${run.model} (definition ${run.definition_version})`],
    ['status', statusText(run, colours)],
    ['triggered', `${localTime(run.triggered_at)} by ${run.trigger_source}${run.dry_run ? ', dry run' : ''}`],
    ['window', run.data_window_id],
    ['steps', String(run.steps)],
  ];
  if (run.latest_step !== null) facts.push(['latest', printable(run.latest_step.message)]);
  if (run.urgency !== null)
    facts.push(['urgency', `${run.urgency}, health ${run.health?.replace('_', ' ') ?? 'unknown'}`]);
  if (run.training !== null) {
    const { status, attempts, version } = run.training;
    facts.push([
      'training',
      `${status}, attempt ${attempts}${version === null ? '' : `, version ${version}`}`,
    ]);
  }
  if (run.evaluation_outcome !== null) facts.push(['evaluation', run.evaluation_outcome]);
  if (run.approval !== null) facts.push(['approval', approvalText(run.approval)]);
  if (run.failure !== null)
    facts.push(['failure', colours.red(`${run.failure.code}: ${run.failure.message}`)]);
  if (run.summary !== null) facts.push(['summary', run.summary.headline]);
  for (const wait of run.waiting_on ?? []) {
    const failed = wait.last_failure === null ? '' : `, after: ${wait.last_failure}`;
    facts.push(['waits for', `${wait.activity} (${wait.state}, attempt ${wait.attempt}${failed})`]);
  }
  facts.push(...Object.entries(run.links).filter(([name]) => name === 'temporal' || name === 'mlflow'));
  return facts.map(([name, value]) => `${colours.dim(name.padEnd(11))}${oneLine(value)}`).join('\n');
}

function approvalText(approval: NonNullable<RunDetail['approval']>): string {
  if (approval.status === 'waiting') return `waiting until ${localTime(approval.deadline)}`;
  const by = approval.decided_by === null ? '' : ` by ${approval.decided_by}`;
  return `${approval.status}${by}${approval.reason === null ? '' : `: ${approval.reason}`}`;
}

export function stepText(step: Step, colours: Colours): string {
  const time = colours.dim(new Date(step.at).toLocaleTimeString('en-GB'));
  // Its message says all that its name does.
  const kind = colours.cyan(step.kind.padEnd(11));
  return `${String(step.number).padStart(3)}  ${time}  ${kind}  ${printable(step.message)}`;
}

/** What a decision rests on: both models on the same rows, and the gates. */
export function evaluationText(report: EvaluationReport, colours: Colours): string {
  const { challenger, champion } = report;
  const names = Object.keys({ ...challenger.metrics, ...champion?.metrics });
  const metricOf = (metrics: Readonly<Record<string, number | null | undefined>> | undefined, name: string) =>
    number(metrics?.[name]);
  const metrics = table(
    ['METRIC', `CHAMPION ${champion?.version ?? '(none)'}`, `CHALLENGER ${challenger.version}`],
    names.map((name) => [name, metricOf(champion?.metrics, name), metricOf(challenger.metrics, name)]),
    colours,
  );
  const mark = {
    passed: colours.green('passed'),
    failed: colours.red('failed'),
    inconclusive: 'inconclusive',
  };
  const gates = table(
    ['GATE', 'STATUS', 'REASON'],
    report.gates.map((gate) => [
      gate.metric === null ? gate.name : `${gate.name} (${gate.metric})`,
      mark[gate.status],
      printable(gate.reason),
    ]),
    colours,
  );
  const heading = `${report.outcome}: ${printable(report.reason)} (${report.rows} rows)`;
  return [heading, '', metrics, '', gates, '', `evidence ${report.evidence_digest}`].join('\n');
}

const number = (value: number | null | undefined): string =>
  typeof value === 'number' ? value.toFixed(4) : '-';

export const localTime = (instant: string): string => new Date(instant).toLocaleString('sv-SE');

/** Keeps our own colours: only line breaks could disturb the list. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ');
