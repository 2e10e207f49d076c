import type { RunContext } from '@watchtower/activities';
import type { ChampionInfo, Evidence, Verdict } from '@watchtower/contracts';
import { verdictOf } from '@watchtower/policy';
import { drift, leases, mlflow, runs } from './activities.ts';
import { alertSteps, logAlerts } from './alert.ts';
import type { Pen, StepEntry } from './pen.ts';

export interface GatheredEvidence {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly champion: ChampionInfo | null;
  /** Steps that hold it, for citing. */
  readonly steps: readonly number[];
}

/** Computes the facts before anybody reasons about them: the champion, the drift, and what the rules make of both. */
export async function gatherEvidence(context: RunContext, pen: Pen): Promise<GatheredEvidence> {
  const champion = await readChampion(context, pen);
  const reference = champion.info?.training_window ?? context.reference_window;
  const { definition, run_id, model, dry_run, current_window } = context;
  const measured = await drift.measureDrift.executeWithOptions(
    { summary: `Compare ${span(current_window)} with ${span(reference)}` },
    [{ context, reference }],
  );
  const { dataset, columns, target, worst_severity, max_psi, report_digest } = measured;
  const { cool_down_until } = await leases.readCoolDown.executeWithOptions(
    { summary: 'Read the cool-down' },
    [{ model, run_id }],
  );
  const performance = champion.info && (await readPerformance(context, champion.info.version));
  const evidence: Evidence = {
    run_id,
    model,
    task: definition.task,
    dry_run,
    reference_window: reference,
    current_window,
    champion: champion.info,
    cooling_down_until:
      cool_down_until !== null && Date.parse(cool_down_until) > Date.now() ? cool_down_until : null,
    dataset,
    columns,
    target,
    worst_severity,
    max_psi,
    performance,
    retrain_rule: definition.retrain.rule,
  };
  const verdict = verdictOf(evidence);
  const { urgency, health } = verdict;
  const alert = alertSteps(urgency, null, { by: 'verdict', detail: verdict.reasons[0]?.detail ?? '' });
  const found: StepEntry[] = [
    {
      kind: 'evidence',
      name: 'drift_measured',
      message: `${dataset.features_drifted} features drifted (${Math.round(dataset.drifted_share * 100)} % of those compared); the data are ${health.replace('_', ' ')}.`,
      payload: { dataset, report_digest, reference_window: reference, current_window },
    },
    {
      kind: 'evidence',
      name: 'verdict',
      message: `The evidence demands: urgency ${urgency}, ${verdict.retrain ? 'a retraining' : 'no retraining'}.`,
      payload: { ...verdict },
    },
  ];
  const written = await pen.write([...found, ...alert], {
    urgency,
    health,
    ...(dataset.drift_detected && { flags: { drift_detected: true } }),
  });
  logAlerts(context, alert);
  const steps = written.slice(0, found.length);
  return { evidence, verdict, champion: champion.info, steps: [...champion.steps, ...steps] };
}

const readPerformance = (context: RunContext, champion_version: string) =>
  runs.readPerformance.executeWithOptions({ summary: 'Read how the champion did in earlier evaluations' }, [
    { context, champion_version },
  ]);

async function readChampion(
  { run_id, definition }: RunContext,
  pen: Pen,
): Promise<{ readonly info: ChampionInfo | null; readonly steps: readonly number[] }> {
  const { registered_model, promote } = definition;
  const info = await mlflow.readChampion.executeWithOptions(
    { summary: `Read alias ${promote.alias} of ${registered_model}` },
    [{ run_id, registered_model, alias: promote.alias }],
  );
  const message = info
    ? `Version ${info.version} of ${registered_model} is the champion${info.training_window ? `, trained on ${span(info.training_window)}` : ''}.`
    : `${registered_model} has no champion yet: a first one has to pass the gates too.`;
  const steps = await pen.write([
    { kind: 'evidence', name: 'champion_read', message, payload: { champion: info } },
  ]);
  return { info, steps };
}

const span = ({ from, to }: { readonly from: string; readonly to: string }): string =>
  `${from.slice(0, 10)} to ${to.slice(0, 10)}`;
