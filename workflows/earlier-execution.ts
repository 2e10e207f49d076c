import { CancellationScope, getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow';
import type { EndedState } from '@watchtower/activities';
import { waiting } from './activities.ts';

/**
 * Waits for the end of a child that an earlier execution of this workflow started: Temporal's reset neither ends such a
 * child nor gives it to the new execution, and its id is used once. As with a child of its own, cancelling this workflow
 * is passed on to it, and its end is waited for all the same.
 *
 * @returns how it ended; `absent`, at once, where there is none
 */
export async function endOfEarlier(workflow_id: string): Promise<EndedState> {
  const end = async () => {
    const { state } = await waiting.awaitWorkflow.executeWithOptions(
      { summary: `Look for an earlier ${workflow_id}` },
      [{ workflow_id }],
    );
    return state;
  };
  try {
    return await end();
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return CancellationScope.nonCancellable(async () => {
      // It may have ended meanwhile, or never been.
      await getExternalWorkflowHandle(workflow_id)
        .cancel()
        .catch(() => undefined);
      const state = await end();
      if (state === 'absent') throw error;
      return state;
    });
  }
}
