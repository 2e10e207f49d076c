import type { MlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import {
  appliedModel,
  auditAnswer,
  runAccepted,
  storedEvaluation,
  WatchtowerError,
} from '@watchtower/contracts';
import { championVersion, embeddedMlflow, type Registered, resetChampion } from './demo/champion.ts';
import { durationLines, durationsOf, Stopwatch } from './demo/durations.ts';
import { evidenceLines } from './demo/evidence.ts';
import { flightsDefinition, flightsFolder } from './demo/flights.ts';
import { followRun } from './demo/follow-run.ts';
import { GatewayClient } from './demo/gateway-client.ts';
import { runPython } from './demo/python-script.ts';
import { withDirectLoopback } from './direct-loopback.ts';
import { runningStack } from './endpoints.ts';
import { watchForInterruption } from './interruption.ts';
import { linksOf, printEvents } from './progress.ts';
import { projectPython, withoutLanguageModelKeys } from './service-environment.ts';
import { type Stack, startStack } from './stack.ts';
import { StackError } from './stack-error.ts';
import { stateFolder } from './state-folder.ts';

export interface DemoOptions {
  /** End when the run has ended instead of staying up. */
  readonly once: boolean;
  /** Decide for the promotion instead of waiting for a person. */
  readonly approve: boolean;
  readonly say: (line: string) => void;
}

/** A stack that answers, MLflow perhaps later. */
type Up = Pick<Stack, 'endpoints' | 'mlflowReady'>;

/**
 * The flights example from set-up to promotion, on the stack that is up or on one of its own.
 *
 * @returns the exit code: 0 only when the challenger was promoted and the audit log verified
 */
export async function runDemo({ once, approve, say }: DemoOptions): Promise<number> {
  let stack: Stack | undefined;
  const interruption = watchForInterruption(() => {
    stack?.killNow();
    process.exit(130);
  });
  const { signal } = interruption;
  const state = stateFolder(process.env);
  const started = Date.now();
  const stopwatch = new Stopwatch();
  const setUp = Number(process.env.WATCHTOWER_SETUP_SECONDS ?? 'NaN');
  if (Number.isFinite(setUp)) stopwatch.add('set-up', setUp);
  try {
    const up = async (): Promise<Up> => {
      const running = runningStack(state);
      if (running !== undefined) {
        say(`· the stack is up already, in process ${running.pid}: the demo uses it`);
        return { endpoints: running, mlflowReady: Promise.resolve() };
      }
      stack = await startStack({ report: printEvents(say), signal, mlflow: 'background' });
      return stack;
    };
    const environment = withoutLanguageModelKeys(
      withDirectLoopback({ ...process.env, PYTHON: projectPython(state, process.env) }),
    );
    const python = (script: string, variables: Readonly<Record<string, string>> = {}) =>
      runPython(script, {
        folder: flightsFolder,
        environment: { ...environment, ...variables },
        say,
        signal,
      });

    const [{ endpoints, mlflowReady }] = await Promise.all([
      stopwatch.measure('services', up),
      stopwatch.measure('flights data', () => python('prepare.py')),
    ]);
    const promoted = await play();
    say('');
    for (const line of linksOf({ endpoints, state })) say(line);
    if (once || stack === undefined) return promoted ? 0 : 1;
    say('');
    say('The stack stays up. Ctrl-C stops it.');
    await interruption.happened;
    return promoted ? 0 : 1;

    async function play(): Promise<boolean> {
      const gateway = new GatewayClient({ endpoints, say, signal });
      const mlflow = embeddedMlflow(endpoints.mlflow);
      const flights = await flightsDefinition();
      const champion = () => championVersion(mlflow, flights);
      await Promise.all([
        stopwatch.measure('definition', () =>
          gateway.post('/models', { definition: flights.body }, appliedModel),
        ),
        stopwatch
          .measure('MLflow, after the others', () => mlflowReady)
          .then(() => stopwatch.measure('first champion', () => seed(mlflow, flights))),
      ]);
      const before = await champion();
      const request = { model: flights.model, trigger_source: 'demo' };
      const { run_id } = await gateway.post('/pipeline/run', request, runAccepted);
      say('');
      say(`Run ${run_id} of ${flights.model}, champion: version ${before}`);
      const { run, steps } = await followRun({
        gateway,
        runId: run_id,
        endpoints,
        approve,
        say,
      });
      const after = await champion();
      const audit = await gateway.get(`/pipeline/${run_id}/audit`, auditAnswer);

      say('');
      say(`Run ${run.status}${run.outcome === null ? '' : `: ${run.outcome}`}`);
      if (run.failure !== null) say(`  ${run.failure.code}: ${run.failure.message}`);
      if (run.flags.evaluated) {
        const { report } = await gateway.get(`/reports/eval/${run_id}`, storedEvaluation);
        for (const line of evidenceLines(report)) say(line);
      }
      say('');
      say(`  Champion in MLflow: version ${before} before, version ${after} now`);
      say(`  Audit log: ${audit.ok ? `${audit.steps} steps verified` : 'NOT VERIFIED'}`);
      for (const text of [audit.chain, audit.history, audit.rows].flatMap(({ problems }) => problems)) {
        say(`    ${text}`);
      }
      say('');
      for (const line of durationLines([...stopwatch.durations, ...durationsOf(steps)])) say(line);
      const total = (Date.now() - started) / 1000 + (Number.isFinite(setUp) ? setUp : 0);
      say(`  In all ${total.toFixed(1)} s; what overlaps is measured each for itself.`);
      return run.outcome === 'promoted' && after !== before && audit.ok;
    }

    async function seed(mlflow: MlflowClient, flights: Registered): Promise<void> {
      const version = await resetChampion(mlflow, flights);
      if (version === undefined) return python('seed_champion.py', { MLFLOW_TRACKING_URI: endpoints.mlflow });
      say(`· the alias ${flights.alias} of ${flights.registeredModel} is set back to version ${version}`);
    }
  } catch (error) {
    if (signal.aborted) return 130;
    if (!(error instanceof StackError || error instanceof WatchtowerError)) throw error;
    say(error.message);
    return 1;
  } finally {
    if (stack !== undefined) say('Stopping (Ctrl-C again: at once) …');
    await stack?.stop();
  }
}
