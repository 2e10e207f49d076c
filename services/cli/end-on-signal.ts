import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends the process by `process.exit` where a signal would have ended it, with the code a shell gives for that: what was written for
 * the work in hand is then removed.
 *
 * @returns what undoes it
 */
export function endOnSignal(): () => void {
  const end = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}
