import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import type { RetrainResult } from '@watchtower/activities';
import { type Failure, type TrainingPlan, trainingIdOf, workflowIds } from '@watchtower/contracts';
import { runs, training } from '../activities.ts';
import { endOfEarlier } from '../earlier-execution.ts';
import { failureOf } from '../failure-of.ts';
import { retrain } from '../retrain.ts';
import { attributesOf } from '../search-attributes.ts';
import type { ToolAnswer, Toolbox } from './toolbox.ts';

/** Lends the pen to the `retrain` child and waits for what becomes of it. */
export async function triggerRetrain(toolbox: Toolbox, plan: TrainingPlan): Promise<ToolAnswer> {
  const result = await runChild(toolbox, plan);
  switch (result.status) {
    case 'succeeded':
      return {
        result: { ...result },
        is_error: false,
        event: { type: 'training_succeeded', version: result.version },
      };
    case 'refused':
      return {
        result: { ...result },
        is_error: true,
        event: { type: 'training_refused', reason: result.reason, detail: result.detail },
      };
    case 'failed':
    case 'cancelled':
      return {
        result: { ...result },
        is_error: true,
        event: { type: 'training_failed', code: result.failure.code, detail: result.failure.message },
      };
  }
}

async function runChild(toolbox: Toolbox, plan: TrainingPlan): Promise<RetrainResult> {
  const { context, pen } = toolbox;
  const { run_id, model, definition } = context;
  try {
    const { pen: back, ...result } = await executeChild(retrain, {
      workflowId: workflowIds.retrain(run_id),
      args: [
        {
          context,
          plan,
          data_window: { from: context.reference_window.from, to: context.split_at },
          pen: pen.state,
        },
      ],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `Retrain ${model} with the ${definition.retrain.trainer} trainer`,
      memo: { model, run_id },
      typedSearchAttributes: attributesOf({ model, kind: 'retrain', trigger: context.trigger_source }),
    });
    pen.takeBack(back);
    return result;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return adoptEarlier(toolbox);
    await pen.recover();
    if (isCancellation(error)) throw error;
    return CancellationScope.nonCancellable(() => settle(toolbox, failureOf(error)));
  }
}

/** This workflow was reset: the training that its earlier execution began is the run's one training, and is not undone. */
async function adoptEarlier(toolbox: Toolbox): Promise<RetrainResult> {
  const { context, pen } = toolbox;
  const workflow = workflowIds.retrain(context.run_id);
  const state = await endOfEarlier(workflow);
  return CancellationScope.nonCancellable(async () => {
    await pen.recover();
    const message = `The retraining ended as ${state} without a result. See workflow ${workflow}.`;
    const result = await settle(toolbox, { code: 'TrainingFailed', message });
    await pen.write([
      {
        kind: 'status',
        name: 'training_adopted',
        message:
          'This run began its training before its workflow was reset; what became of it counts: ' +
          `${result.status}.`,
        payload: { status: result.status, workflow },
      },
    ]);
    return result.status === 'cancelled' ? { status: 'cancelled', failure: stoppedEarlier } : result;
  });
}

const stoppedEarlier: Failure = {
  code: 'TrainingCancelled',
  message:
    "This run's training was stopped when an earlier execution of its workflow was ended, and a run trains once. " +
    'Start a new run.',
};

/**
 * What the log says of a child that has ended; where it says nothing, its training may still be alive and ends here. Never
 * cancelled: nobody else would settle it.
 */
async function settle({ context, pen }: Toolbox, failure: Failure): Promise<RetrainResult> {
  const { run_id, definition } = context;
  const read = () =>
    runs.readTraining.executeWithOptions({ summary: 'Read what became of the training' }, [{ run_id }]);
  const settled = await read();
  if (settled) return settled;
  const training_id = trainingIdOf(run_id);
  await training.stopTraining
    .executeWithOptions({ summary: `Stop what is left of ${training_id}`, scheduleToCloseTimeout: '2m' }, [
      { training_id, trainer: definition.retrain.trainer },
    ])
    // On a host that does not answer: it is stopped by whoever reclaims the lease, or by its own time limit.
    .catch(() => undefined);
  // The ended child's last step may have been under way.
  const late = await read();
  if (late) return late;
  await pen.write(
    [
      {
        kind: 'outcome',
        name: 'training_settled',
        message: `The retraining ended early: ${failure.message}`.slice(0, 2000),
        payload: { status: 'failed', failure },
      },
    ],
    { training: { status: 'failed', failure: failure.message } },
  );
  return { status: 'failed', failure };
}
