import { coloursFor } from '@watchtower/client';
import { WatchtowerError } from '@watchtower/contracts';
import { Stopwatch } from './demo/durations.ts';
import { flightsFolder } from './demo/flights.ts';
import { play } from './demo/play.ts';
import { runPython } from './demo/python-script.ts';
import { reasonerLine, withDemoReasoner } from './demo/reasoner.ts';
import { withDirectLoopback } from './direct-loopback.ts';
import { watchForInterruption } from './interruption.ts';
import { linksOf, printEvents } from './progress.ts';
import { runningStack } from './running-stack.ts';
import { projectPython, withoutLanguageModelKeys } from './service-environment.ts';
import { type Stack, startStack } from './stack.ts';
import { StackError } from './stack-error.ts';
import { stateFolder } from './state-folder.ts';

export interface DemoOptions {
  /** End when the run has ended instead of staying up. */
  readonly once: boolean;
  /** Decide for the promotion instead of waiting for a person. */
  readonly approve: boolean;
  readonly say: (text: string) => void;
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
  const stopwatch = new Stopwatch(Number(process.env.WATCHTOWER_SETUP_SECONDS) || 0);
  const up = async (): Promise<Up> => {
    const running = runningStack(state);
    if (running !== undefined) {
      say(
        `· the stack is up already, in process ${running.pid}: the demo uses it, and who reasons is its choice`,
      );
      return { endpoints: running, mlflowReady: Promise.resolve() };
    }
    const variables = withDemoReasoner(process.env);
    say(reasonerLine(variables));
    stack = await startStack({ variables, report: printEvents(say), signal, mlflow: 'background' });
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
  try {
    const [{ endpoints, mlflowReady }] = await Promise.all([
      stopwatch.measure('services', up),
      stopwatch.measure('flights data', () => python('prepare.py')),
    ]);
    const promoted = await play({
      endpoints,
      mlflowReady,
      approve,
      stopwatch,
      python,
      colours: coloursFor(process.stdout, process.env),
      say,
      signal,
    });
    say('');
    for (const line of linksOf({ endpoints, state })) say(line);
    if (!once && stack !== undefined) {
      say('');
      say('The stack stays up. Ctrl-C stops it.');
      await interruption.happened;
    }
    return promoted ? 0 : 1;
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
