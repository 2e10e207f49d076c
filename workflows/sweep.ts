import { sleep } from '@temporalio/workflow';
import type { StrayRun, SweepFindings } from '@watchtower/activities/interfaces';
import { mlflow, runs, training } from './activities.ts';
import { failureOf, hasCode } from './failure-of.ts';
import { Pen } from './pen.ts';
import { lateWriteLimit } from './promotion.ts';

/** A part of one sweep that cannot be done now is done by the next. */
const soon = {
  summary: 'Repair what was left half done',
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '60s',
} as const;

/**
 * Repairs what processes left half done when they died: starts accepted runs, exports histories, brings Schedules up to
 * date; and closes, as a run's last writer, runs whose workflow ended without closing them.
 */
export async function sweep(): Promise<Omit<SweepFindings, 'strays'> & { readonly closed: number }> {
  const { strays, ...findings } = await runs.sweepRuns.executeWithOptions(soon, []);
  const closed = await Promise.all(strays.map(closeOrTell));
  const errors = [...findings.errors, ...closed.filter((answer) => typeof answer === 'string')];
  return { ...findings, errors, closed: closed.filter((answer) => answer === true).length };
}

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
    await pen.write(
      [{ kind: 'status', name: 'run_closed', message: failure.message, payload: { status, failure } }],
      { status, failure },
    );
    return true;
  } catch (error) {
    // It was closed meanwhile, by its own workflow after a reset or by a sweep before.
    if (hasCode(error, 'RunFinished')) return false;
    throw error;
  }
}

async function stopTraining({ open_training }: StrayRun): Promise<void> {
  if (!open_training) return;
  const { training_id, trainer, mlflow_run_id } = open_training;
  await training.stopTraining.executeWithOptions(soon, [{ training_id, trainer }]);
  await mlflow.closeTrainingRun
    .executeWithOptions(soon, [{ training_id, mlflow_run_id, status: 'KILLED' }])
    // The run's row must not wait for MLflow: what its own run says is the lesser harm.
    .catch(() => undefined);
}

async function settlePromotion({ run_id, open_promotion }: StrayRun, pen: Pen): Promise<void> {
  if (!open_promotion) return;
  await sleep(lateWriteLimit);
  const promotion = await runs.settlePromotion.executeWithOptions(soon, [{ run_id }]);
  if (!promotion) return;
  await pen.write(
    [
      {
        kind: 'outcome',
        name: 'promotion_settled',
        message: promotion.detail ?? `The promotion is settled as ${promotion.status}.`,
        payload: { status: promotion.status, version: promotion.version },
      },
    ],
    { promotion, ...(promotion.status === 'promoted' && { flags: { promoted: true } }) },
  );
}
