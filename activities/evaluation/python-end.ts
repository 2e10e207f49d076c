import type { PythonEnd } from './python-process.ts';

export function describeEnd(end: PythonEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with status ${end.status}`;
    case 'killed':
      return `was killed by ${end.signal} (out of memory, perhaps)`;
    case 'timed_out':
      return 'ran longer than allowed and was stopped';
    case 'not_started':
      return `could not be started: ${end.reason}`;
  }
}

/** The last lines of a script's standard error, for a failure's text. */
export const lastLines = (text: string, lines = 12): string =>
  text.trim().split('\n').slice(-lines).join('\n');
