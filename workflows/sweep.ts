import { isCancellation, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { ClosedSummary, RunCursor, StrayRun } from '@watchtower/activities';
import { mlflow, runs, training } from './activities.ts';
import { failureOf, hasCode } from './failure-of.ts';
import { Pen, type StepEntry } from './pen.ts';
import { lateWriteLimit, writeSettled } from './settled-promotion.ts';

/** A part of one sweep that cannot be done now is done by the next. */
const soon = {
  summary: 'Repair what was left half done',
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '60s',
} as const;

/** One execution goes round for so long; its Schedule starts the next. Short enough that a new release is soon the one that sweeps. */
const lifetime = 10 * 60_000;
const pause = '15s';
const shownRepairs = 20;

interface Rounds {
  readonly rounds: number;
  readonly started: number;
  readonly closed: number;
  readonly exported: number;
  /** Aliases set right after a late write. */
  readonly repaired: number;
}

/** What one round came to. */
interface Round {
  readonly started: number;
  readonly closed: number;
  readonly exported: number;
  readonly repaired: readonly string[];
  readonly errors: readonly string[];
  /** Where the next round goes on looking for strays. */
  readonly next: RunCursor | null;
}

/**
 * Repairs what processes left half done when they died: starts accepted runs, exports histories, brings Schedules up to
 * date; and closes, as a run's last writer, runs whose workflow ended without closing them. It goes round every quarter of a
 * minute: an execution a round would bury the runs in the Temporal UI.
 */
export async function sweep(): Promise<Rounds> {
  const end = Date.now() + lifetime;
  let total: Rounds = { rounds: 0, started: 0, closed: 0, exported: 0, repaired: 0 };
  let from: RunCursor | null = null;
  const repairs: string[] = [];
  while (Date.now() < end) {
    const round = await goRound(from);
    from = round.next;
    repairs.push(...round.repaired);
    total = {
      rounds: total.rounds + 1,
      started: total.started + round.started,
      closed: total.closed + round.closed,
      exported: total.exported + round.exported,
      repaired: repairs.length,
    };
    setCurrentDetails(detailsOf(total, [...repairs.slice(-shownRepairs), ...round.errors]));
    await sleep(pause);
  }
  return total;
}

async function goRound(from: RunCursor | null): Promise<Round> {
  try {
    const found = await runs.sweepRuns.executeWithOptions(soon, [{ from }]);
    const { strays, errors, started, exported, repaired, next } = found;
    const closed = await Promise.all(strays.map(closeOrTell));
    const closedRuns = closed.filter((answer) => answer === true).length;
    const troubles = closed.filter((answer) => typeof answer === 'string');
    return { started, exported, repaired, next, closed: closedRuns, errors: [...errors, ...troubles] };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const errors = [failureOf(error).message];
    return { started: 0, closed: 0, exported: 0, repaired: [], next: from, errors };
  }
}

const detailsOf = (
  { rounds, started, closed, exported, repaired }: Rounds,
  remarks: readonly string[],
): string =>
  [
    `${rounds} rounds: ${started} runs started, ${closed} closed, ${exported} histories exported, ${repaired} aliases set right.`,
    ...remarks.map((remark) => `- ${remark}`),
  ].join('\n');

/** @returns whether it was closed, or why it could not be: one run's trouble does not keep the others. */
async function closeOrTell(stray: StrayRun): Promise<boolean | string> {
  try {
    return await close(stray);
  } catch (error) {
    return `run ${stray.run_id}: ${failureOf(error).message}`;
  }
}

async function close(stray: StrayRun): Promise<boolean> {
  const { run_id, status, failure } = stray;
  const pen = new Pen(run_id);
  try {
    await stopTraining(stray);
    await pen.recover();
    await settlePromotion(stray, pen);
    const payload = { status, failure };
    const closed: StepEntry = { kind: 'status', name: 'run_closed', message: failure.message, payload };
    const summary = await summarise(stray);
    await pen.write(summary === null ? [closed] : [closed, summaryStep(summary, payload)], {
      ...payload,
      ...(summary && { summary }),
      ...(stray.open_training && { training: { status: 'cancelled' } }),
    });
    return true;
  } catch (error) {
    // It was closed meanwhile, by its own workflow after a reset or by a sweep before.
    if (hasCode(error, 'RunFinished')) return false;
    throw error;
  }
}

/** Whoever had begun to reason about a run sums it up no more: its steps do. */
const summarise = ({ run_id, failure }: StrayRun): Promise<ClosedSummary | null> =>
  runs.summariseClosed.executeWithOptions(soon, [{ run_id, ending: failure.message }]);

const summaryStep = (summary: ClosedSummary, payload: Pick<StrayRun, 'status' | 'failure'>): StepEntry => ({
  kind: 'summary',
  name: 'summary',
  message: summary.headline,
  payload: { ...summary, ...payload },
});

async function stopTraining({ open_training }: StrayRun): Promise<void> {
  if (!open_training) return;
  const { training_id, trainer, mlflow_run_id } = open_training;
  // Neither a host nor MLflow that does not answer may keep the run's row open.
  await training.stopTraining
    .executeWithOptions({ ...soon, scheduleToCloseTimeout: '20s' }, [{ training_id, trainer }])
    .catch(() => undefined);
  await mlflow.closeTrainingRun
    .executeWithOptions({ ...soon, scheduleToCloseTimeout: '20s' }, [
      { training_id, mlflow_run_id, status: 'KILLED' },
    ])
    .catch(() => undefined);
}

async function settlePromotion({ run_id, open_promotion, failure }: StrayRun, pen: Pen): Promise<void> {
  if (!open_promotion) return;
  await sleep(lateWriteLimit);
  const settled = await runs.settlePromotion.executeWithOptions(soon, [{ run_id }]);
  if (settled?.unwritten) await writeSettled(pen, settled, failure);
}
