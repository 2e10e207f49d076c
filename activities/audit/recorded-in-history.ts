import { defaultPayloadConverter } from '@temporalio/common';
import { type RecordedStep, type RunId, recordedStep, runId as runIdSchema } from '@watchtower/contracts';
import { z } from 'zod';
import type { RunHistory } from './histories.ts';

/** A step as Temporal's history tells it: the result of the activity `record`. */
export interface HistoricStep extends RecordedStep {
  readonly workflow_id: string;
  readonly activity_id: string;
}

const recordArgument = z.object({ run_id: runIdSchema });

/** Reads from a history every step that `record` reported for one run. */
export function recordedInHistory(runId: RunId, { workflow_id, history }: RunHistory): HistoricStep[] {
  const scheduled = new Map<string, { readonly activityId: string; readonly forRun: boolean }>();
  const steps: HistoricStep[] = [];
  for (const event of history.events ?? []) {
    const schedule = event.activityTaskScheduledEventAttributes;
    if (schedule?.activityType?.name === 'record') {
      const argument = recordArgument.safeParse(firstPayload(schedule.input?.payloads));
      scheduled.set(String(event.eventId), {
        activityId: schedule.activityId ?? '',
        forRun: argument.success && argument.data.run_id === runId,
      });
    }
    const completion = event.activityTaskCompletedEventAttributes;
    const call = completion && scheduled.get(String(completion.scheduledEventId));
    if (!completion || !call?.forRun) continue;
    for (const step of z.array(recordedStep).parse(firstPayload(completion.result?.payloads))) {
      steps.push({ ...step, workflow_id, activity_id: call.activityId });
    }
  }
  return steps;
}

type Payloads = Parameters<typeof defaultPayloadConverter.fromPayload>[0][] | null | undefined;

function firstPayload(payloads: Payloads): unknown {
  const payload = payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
