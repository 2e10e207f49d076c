import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild, ParentClosePolicy, sleep, workflowInfo } from '@temporalio/workflow';
import { isTerminal, type ModelName, type RunId, workflowIds } from '@watchtower/contracts';
import { runs } from './activities.ts';
import { pipeline } from './pipeline.ts';
import { attributesOf } from './search-attributes.ts';

/**
 * What a Schedule starts: mints the run from its own id (a retry is the same run), starts the pipeline as a child that is
 * not closed with it, and waits for its end, so that the Schedule's overlap policy speaks of runs.
 */
export async function scheduledRun({ model }: { readonly model: ModelName }): Promise<void> {
  const { workflowId, startTime } = workflowInfo();
  const { run_id, dry_run } = await runs.acceptScheduledRun.executeWithOptions(
    { summary: `Write down the run of ${model}` },
    [{ model, trigger: workflowId, triggered_at: startTime.toISOString() }],
  );
  try {
    await executeChild(pipeline, {
      workflowId: workflowIds.pipeline(run_id),
      args: [{ run_id }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `${dry_run ? 'Dry run' : 'Run'} of ${model} (schedule)`,
      memo: { model, trigger_source: 'schedule', dry_run },
      typedSearchAttributes: attributesOf({ model, kind: 'pipeline', trigger: 'schedule' }),
    });
  } catch (error) {
    // The sweep was faster: the run is under way without being our child.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await ended(run_id);
  }
}

async function ended(run_id: RunId): Promise<void> {
  let pause = 60_000;
  while (!isTerminal((await runs.readRunStatus({ run_id })).status)) {
    await sleep(pause);
    // A run may wait for people for days: looking more and more seldom keeps the history short.
    pause = Math.min(pause * 2, 15 * 60_000);
  }
}
