import { constants } from 'node:os';
import { SetupError } from './run-command.mjs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Turns the first signal into the end of `controller`'s work, so that no child is left; a second one ends this process
 * at once, whose `exit` handlers kill what is left.
 *
 * @param {AbortController} controller
 * @returns {() => void} stops listening
 */
export function abortOnSignal(controller) {
  const interrupt = (signal) => {
    const code = 128 + constants.signals[signal];
    if (controller.signal.aborted) process.exit(code);
    controller.abort(new SetupError('The set-up was interrupted; the next one goes on from here.', code));
  };
  for (const signal of signals) process.on(signal, interrupt);
  return () => {
    for (const signal of signals) process.removeListener(signal, interrupt);
  };
}
