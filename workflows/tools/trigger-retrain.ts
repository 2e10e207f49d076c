import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import { type TrainingPlan, trainingIdOf, workflowIds } from '@watchtower/contracts';
import { training } from '../activities.ts';
import { failureOf } from '../failure-of.ts';
import { type RetrainResult, retrain } from '../retrain.ts';
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

async function runChild({ context, pen }: Toolbox, plan: TrainingPlan): Promise<RetrainResult> {
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
    await pen.recover();
    if (isCancellation(error)) throw error;
    // After a reset of this workflow: what that training came to is not undone.
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      const message =
        'The retraining of this run was started before its workflow was reset. Start a new run.';
      return { status: 'failed', failure: { code: 'TrainingFailed', message } };
    }
    // Terminated from outside: its training may still be alive.
    const training_id = trainingIdOf(run_id);
    await training.stopTraining.executeWithOptions({ summary: `Stop what is left of ${training_id}` }, [
      { training_id, trainer: definition.retrain.trainer },
    ]);
    const failure = failureOf(error);
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
}
