import { WorkflowNotFoundError } from '@temporalio/client';
import type { EndedState } from '../interfaces/runs.ts';

export type WorkflowState = 'open' | EndedState;

const closedStates: Readonly<Record<string, EndedState>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed_out',
};

/** The little of a Temporal client that is asked. */
export interface WorkflowDirectory {
  readonly workflow: {
    getHandle(workflowId: string): {
      describe(): Promise<{ readonly status: { readonly name: string } }>;
    };
  };
}

/** State of a workflow's newest execution, strongly consistent (not the visibility index). */
export async function workflowState(client: WorkflowDirectory, workflowId: string): Promise<WorkflowState> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return closedStates[status.name] ?? 'open';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}
