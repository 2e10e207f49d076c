import type { Run, Step } from '@watchtower/contracts';
import { type Colours, printable } from './colours.ts';

/** A run's state, and its steps one a line, as people read them. */

export function statusText(run: Pick<Run, 'status' | 'outcome'>, colours: Colours): string {
  const text = run.outcome === null ? run.status : `${run.status}: ${run.outcome}`;
  if (run.status === 'failed') return colours.red(text);
  if (run.status === 'completed') return colours.green(text);
  return run.status === 'waiting_for_approval' ? colours.yellow(text) : text;
}

export function stepText(step: Step, colours: Colours): string {
  const time = colours.dim(new Date(step.at).toLocaleTimeString('en-GB'));
  // Its message says all that its name does.
  const kind = colours.cyan(step.kind.padEnd(11));
  return `${String(step.number).padStart(3)}  ${time}  ${kind}  ${printable(step.message)}`;
}
