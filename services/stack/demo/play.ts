import { type Colours, evaluationText, GatewayClient, printable, statusText } from '@watchtower/client';
import type { Endpoints } from '@watchtower/client/endpoints';
import { championVersion, embeddedMlflow, type Registered, resetChampion } from './champion.ts';
import { durationsOf, durationsText, type Stopwatch } from './durations.ts';
import { flightsDefinition } from './flights.ts';
import { patienceMs, showRun } from './show-run.ts';

export interface Play {
  readonly endpoints: Endpoints;
  readonly mlflowReady: Promise<void>;
  /** Decide for the promotion instead of waiting for a person. */
  readonly approve: boolean;
  readonly stopwatch: Stopwatch;
  /** Runs a script of the example. */
  readonly python: (script: string, variables: Readonly<Record<string, string>>) => Promise<void>;
  readonly colours: Colours;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * One run of the flights example on a stack that is up, from its definition to the proof of its audit log.
 *
 * @returns whether the challenger was promoted, MLflow says so too, and the audit log was verified
 */
export async function play(playing: Play): Promise<boolean> {
  const { endpoints, mlflowReady, approve, stopwatch, colours, say, signal } = playing;
  const gateway = new GatewayClient(
    { url: endpoints.gateway, key: endpoints.api_key },
    {
      patienceMs,
      signal,
      report: (event) => say(event.kind === 'away' ? `· ${event.why}` : '· the gateway answers again'),
    },
  );
  const mlflow = embeddedMlflow(endpoints.mlflow);
  const flights = await flightsDefinition();
  await Promise.all([
    stopwatch.measure('definition', () => gateway.apply(flights.body)),
    stopwatch
      .measure('MLflow, after the others', () => mlflowReady)
      .then(() => stopwatch.measure('first champion', () => seed(playing, flights))),
  ]);
  const before = await championVersion(mlflow, flights);
  const { run_id } = await gateway.startRun({ model: flights.model, trigger_source: 'demo' });
  say('');
  say(`Run ${run_id} of ${flights.model}, champion: version ${before}`);
  const { run, steps } = await showRun({
    gateway,
    runId: run_id,
    approve,
    colours,
    say,
    signal,
  });
  const after = await championVersion(mlflow, flights);
  const audit = await gateway.audit(run_id);

  say('');
  say(`Run ${statusText(run, colours)}`);
  if (run.failure !== null) say(`${run.failure.code}: ${printable(run.failure.message)}`);
  if (run.flags.evaluated) say(evaluationText((await gateway.evaluation(run_id)).report, colours));
  say('');
  say(`Champion in MLflow: version ${before} before, version ${after} now`);
  say(`Audit log: ${audit.ok ? `${audit.steps} steps verified` : colours.red('NOT VERIFIED')}`);
  for (const problem of [audit.chain, audit.history, audit.rows].flatMap(({ problems }) => problems)) {
    say(`  ${printable(problem)}`);
  }
  say('');
  say(durationsText([...stopwatch.durations, ...durationsOf(steps)], colours));
  say(`In all ${stopwatch.total.toFixed(1)} s; what overlaps is measured each for itself.`);
  return run.outcome === 'promoted' && after !== before && audit.ok;
}

async function seed({ endpoints, python, say }: Play, flights: Registered): Promise<void> {
  const version = await resetChampion(embeddedMlflow(endpoints.mlflow), flights);
  if (version === undefined) return python('seed_champion.py', { MLFLOW_TRACKING_URI: endpoints.mlflow });
  say(`· the alias ${flights.alias} of ${flights.registeredModel} is set back to version ${version}`);
}
