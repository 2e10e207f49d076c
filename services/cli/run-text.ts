import { type Colours, printable } from '@watchtower/client/colours';
import { statusText } from '@watchtower/client/run-text';
import { table } from '@watchtower/client/table';
import type { Run, RunDetail } from '@watchtower/contracts';

/** Runs as lists and in full, as people read them; what others wrote (models, providers, people) on one line and harmless. */

export function runsTable(runs: readonly Run[], colours: Colours): string {
  const rows = runs.map((run) => [
    run.run_id,
    run.model,
    statusText(run, colours),
    run.alert ? colours.red(run.urgency ?? '-') : (run.urgency ?? '-'),
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
  if (run.urgency !== null) {
    const urgency = `${run.urgency}, health ${run.health?.replace('_', ' ') ?? 'unknown'}`;
    facts.push(['urgency', run.alert ? `${urgency}, ${colours.red('alert raised')}` : urgency]);
  }
  if (run.decision !== null) {
    const { strategy, confidence, overrides } = run.decision;
    const overridden =
      overrides.length === 0 ? '' : `, overridden: ${overrides.map((o) => o.rule).join(', ')}`;
    facts.push(['decision', `${strategy.replace('_', ' ')}, confidence ${confidence} %${overridden}`]);
  }
  const tokens = Object.values(run.reasoning.tokens).reduce((sum, n) => sum + n, 0);
  if (tokens > 0) {
    const cost = run.reasoning.cost === null ? 'cost unknown' : `${run.reasoning.cost.toFixed(4)} USD`;
    facts.push([
      'reasoning',
      `${run.reasoning.turns} turns, ${tokens.toLocaleString('en-US')} tokens, ${cost}`,
    ]);
  }
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
    facts.push(['failure', colours.red(`${run.failure.code}: ${printable(run.failure.message)}`)]);
  if (run.summary !== null) facts.push(['summary', printable(run.summary.headline)]);
  for (const wait of run.waiting_on ?? []) {
    const failed = wait.last_failure === null ? '' : `, after: ${printable(wait.last_failure)}`;
    facts.push(['waits for', `${wait.activity} (${wait.state}, attempt ${wait.attempt}${failed})`]);
  }
  facts.push(...Object.entries(run.links).filter(([name]) => name === 'temporal' || name === 'mlflow'));
  return facts.map(([name, value]) => `${colours.dim(name.padEnd(11))}${value}`).join('\n');
}

function approvalText(approval: NonNullable<RunDetail['approval']>): string {
  if (approval.status === 'waiting') return `waiting until ${localTime(approval.deadline)}`;
  const by = approval.decided_by === null ? '' : ` by ${printable(approval.decided_by)}`;
  return `${approval.status}${by}${approval.reason === null ? '' : `: ${printable(approval.reason)}`}`;
}

export const localTime = (instant: string): string => new Date(instant).toLocaleString('sv-SE');
