import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { type PendingActivity, type RunId, workflowIds } from '@watchtower/contracts';
import { z } from 'zod';
import { bounded } from './bounded.ts';
import type { GatewayContext } from './context.ts';

const limit = 500;

/** What Temporal tells about an activity that has not ended; its numbers come from protobuf. */
interface RawActivity {
  readonly activityType?: { readonly name?: string | null } | null;
  readonly state?: number | null;
  readonly attempt?: number | null;
  readonly lastFailure?: { readonly message?: string | null } | null;
  readonly heartbeatDetails?: { readonly payloads?: readonly Payload[] | null } | null;
}

/** `PendingActivityState` of Temporal's API. */
const states: Readonly<Record<number, string>> = {
  1: 'scheduled',
  2: 'started',
  3: 'cancel_requested',
  4: 'paused',
  5: 'pause_requested',
};

/**
 * The activities a run's workflows wait for, with the attempt and the last failure: how a run says that it waits for a
 * server that is down. Null where Temporal does not answer within half a second.
 */
export async function waitingOn(
  { temporal }: Pick<GatewayContext, 'temporal'>,
  runId: RunId,
): Promise<PendingActivity[] | null> {
  const ids = [workflowIds.pipeline(runId), workflowIds.retrain(runId), workflowIds.promotion(runId)];
  const pending = async (workflowId: string): Promise<readonly RawActivity[]> => {
    try {
      return (await temporal.workflow.getHandle(workflowId).describe()).raw.pendingActivities ?? [];
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return [];
      throw error;
    }
  };
  try {
    const work = () => Promise.all(ids.map(pending));
    const found = await bounded(limit, temporal.connection.withDeadline(Date.now() + limit, work));
    return found.flat().map(pendingActivity);
  } catch {
    return null;
  }
}

export function pendingActivity(raw: RawActivity): PendingActivity {
  return {
    activity: raw.activityType?.name ?? 'unknown',
    attempt: raw.attempt ?? 1,
    state: states[raw.state ?? 0] ?? 'unknown',
    last_failure: raw.lastFailure?.message ?? null,
    progress: progressOf(raw.heartbeatDetails?.payloads?.[0]),
  };
}

function progressOf(payload: Payload | undefined): PendingActivity['progress'] {
  if (payload === undefined) return null;
  try {
    return z.json().parse(defaultPayloadConverter.fromPayload(payload));
  } catch {
    return null;
  }
}
