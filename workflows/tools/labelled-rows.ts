import { sleep } from '@temporalio/workflow';
import type { EvaluationActivities, RunContext } from '@watchtower/activities';
import { type FailureCode, type Instant, milliseconds } from '@watchtower/contracts';
import { evaluation } from '../activities.ts';
import { hasCode } from '../failure-of.ts';
import type { StepEntry } from '../pen.ts';
import type { Toolbox } from './toolbox.ts';

type HeldOutRows = Awaited<ReturnType<EvaluationActivities['prepareEvaluation']>>;

/**
 * Pauses between two looks for labels, in milliseconds. They double, so that a wait of a minute notices labels within
 * seconds and one of a month fills no history: beyond the longest one it looks two hundred times until the deadline.
 */
const pauses = { first: 5_000, longest: 5 * 60_000, looks: 200 } as const;

/** The held-out rows; where too few have a label yet, those are waited for until the definition's deadline. */
export async function labelledRows({ context, pen }: Toolbox): Promise<HeldOutRows> {
  const { minimum_rows, labels_deadline } = context.definition.evaluate;
  const patience = milliseconds(labels_deadline);
  const deadline = Date.now() + patience;
  const longest = Math.max(pauses.longest, patience / pauses.looks);
  let waiting = false;
  for (let pause: number = pauses.first; ; pause = Math.min(pause * 2, longest)) {
    const left = deadline - Date.now();
    const found = await look(context, left);
    if (found !== null && (found.rows >= minimum_rows || left <= 0)) {
      if (waiting) await pen.write([waitEnded(found, minimum_rows)]);
      return found;
    }
    if (!waiting) await pen.write([waitBegun(found, minimum_rows, new Date(deadline).toISOString())]);
    waiting = true;
    await sleep(Math.min(left, pause));
  }
}

function waitBegun(found: HeldOutRows | null, minimum_rows: number, deadline: Instant): StepEntry {
  const { rows, unlabelled } = found ?? { rows: 0, unlabelled: 0 };
  return {
    kind: 'status',
    name: 'awaiting_labels',
    message: `${rows} of the held-out rows have a label, ${minimum_rows} are needed; waiting until ${deadline}.`,
    payload: { rows, unlabelled, minimum_rows, deadline },
  };
}

function waitEnded({ rows, unlabelled }: HeldOutRows, minimum_rows: number): StepEntry {
  const payload = { rows, unlabelled, minimum_rows };
  if (rows >= minimum_rows) {
    const message = `${rows} of the held-out rows have a label now.`;
    return { kind: 'status', name: 'labels_arrived', message, payload };
  }
  const message = `The deadline has passed, and ${rows} of the held-out rows have a label; ${minimum_rows} are needed.`;
  return { kind: 'status', name: 'labels_missed', message, payload };
}

/** Some data have rows only with their labels, and the file that brings them may be away or half written for a while. */
const notYet = ['DataEmpty', 'DataFileMissing', 'DataFileUnreadable'] as const satisfies FailureCode[];

/** Null where the rows cannot be had yet and there is time left. */
async function look(context: RunContext, left: number): Promise<HeldOutRows | null> {
  try {
    return await evaluation.prepareEvaluation.executeWithOptions({ summary: 'Take the held-out rows' }, [
      { context },
    ]);
  } catch (error) {
    if (left > 0 && notYet.some((code) => hasCode(error, code))) return null;
    throw error;
  }
}
