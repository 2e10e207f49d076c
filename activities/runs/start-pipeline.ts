import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { taskQueues, workflowIds } from '@watchtower/contracts';
import { searchAttributes } from './search-attributes.ts';

export interface PipelineStart {
  readonly run_id: string;
  readonly model: string;
  readonly trigger_source: string;
  readonly dry_run: boolean;
}

/**
 * Starts `pipeline/<run id>`. A run is started once: where it was started before, however it ended, nothing happens.
 *
 * @returns whether this call started it
 */
export async function startPipeline(client: Client, run: PipelineStart): Promise<boolean> {
  try {
    await client.workflow.start('pipeline', {
      workflowId: workflowIds.pipeline(run.run_id),
      taskQueue: taskQueues.main,
      args: [{ run_id: run.run_id }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      memo: { model: run.model, trigger_source: run.trigger_source, dry_run: run.dry_run },
      staticSummary: `${run.dry_run ? 'Dry run' : 'Run'} of ${run.model} (${run.trigger_source})`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: searchAttributes.model, value: run.model },
        { key: searchAttributes.kind, value: 'pipeline' },
        { key: searchAttributes.status, value: 'accepted' },
        { key: searchAttributes.trigger, value: run.trigger_source },
      ]),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
