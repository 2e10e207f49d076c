import { watchForInterruption } from './interruption.ts';
import { linksOf, printEvents } from './progress.ts';
import { runningStack } from './running-stack.ts';
import { type Stack, StackRunning, startStack } from './stack.ts';
import { StackError } from './stack-error.ts';
import { stateFolder } from './state-folder.ts';

/**
 * The command `watchtower up`: starts the stack, says where it is and stays until Ctrl-C.
 *
 * @returns the exit code: 0 after a stop in order, or where a stack is up already; 1 where it could not start
 */
export async function runUp(say: (line: string) => void = console.log): Promise<number> {
  let stack: Stack | undefined;
  const interruption = watchForInterruption(() => {
    stack?.killNow();
    process.exit(130);
  });
  try {
    stack = await startStack({ report: printEvents(say), signal: interruption.signal });
  } catch (error) {
    return explain(error, interruption.signal, say);
  }
  say('');
  say('Watchtower is up. Ctrl-C stops it.');
  for (const line of linksOf(stack)) say(line);
  await interruption.happened;
  say('');
  say('Stopping (Ctrl-C again: at once) …');
  await stack.stop();
  return 0;
}

function explain(error: unknown, interrupted: AbortSignal, say: (line: string) => void): number {
  if (interrupted.aborted) return 130;
  if (error instanceof StackRunning) {
    const state = stateFolder(process.env);
    const endpoints = runningStack(state);
    say(endpoints === undefined ? `${error.message} It is still starting.` : error.message);
    if (endpoints !== undefined) for (const line of linksOf({ endpoints, state })) say(line);
    return 0;
  }
  if (!(error instanceof StackError)) throw error;
  say(error.message);
  return 1;
}
