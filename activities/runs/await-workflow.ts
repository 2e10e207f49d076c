import type { EndedState } from '../interfaces/runs.ts';
import type { Watch } from '../progress.ts';
import { type WorkflowDirectory, workflowState } from './workflow-state.ts';

const lookEveryMs = 1_000;

/** Waits until no execution of a workflow is open. */
export async function awaitWorkflow(
  client: WorkflowDirectory,
  workflowId: string,
  watch: Pick<Watch, 'beat' | 'pause'>,
): Promise<EndedState> {
  for (;;) {
    const state = await workflowState(client, workflowId);
    if (state !== 'open') return state;
    watch.beat({ waiting_for: `end of ${workflowId}` });
    await watch.pause(lookEveryMs);
  }
}
