import { log } from '@temporalio/workflow';
import type { Urgency } from '@watchtower/contracts';
import { isAlert } from '@watchtower/policy';
import type { StepEntry } from './pen.ts';

/** What raised an urgency: the rules, or the decision of a reasoner that is stricter. */
interface Cause {
  readonly by: 'verdict' | 'decision';
  readonly detail: string;
}

/** The step of an urgency that asks people to act, to be written with what raised it; none where they know already. */
export function alertSteps(urgency: Urgency, told: Urgency | null, { by, detail }: Cause): StepEntry[] {
  if (!isAlert(urgency, told)) return [];
  return [
    {
      kind: 'status',
      name: 'alert_raised',
      message: `Alert: urgency ${urgency}. ${detail}`.slice(0, 2000),
      payload: { urgency, by, detail },
    },
  ];
}

/** A line in the worker's log for each alert among steps that were written, for whatever collects logs. */
export function logAlerts(
  run: { readonly run_id: string; readonly model: string; readonly dry_run: boolean },
  steps: readonly StepEntry[],
): void {
  for (const { name, payload } of steps) {
    if (name !== 'alert_raised') continue;
    const { run_id, model, dry_run } = run;
    log.warn('alert raised', { alert: { run_id, model, dry_run, ...payload } });
  }
}
