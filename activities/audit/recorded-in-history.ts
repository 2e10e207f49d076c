import { defaultPayloadConverter } from '@temporalio/common';
import {
  type Digest,
  type RunId,
  recordedStep,
  runId as runIdSchema,
  type StepDraft,
  stepDraft,
} from '@watchtower/contracts';
import { z } from 'zod';
import type { RunHistory } from './histories.ts';

/** A step as Temporal's history tells it. */
export interface HistoricStep {
  readonly number: number;
  readonly workflow_id: string;
  readonly activity_id: string;
  /**
   * What the activity `record` returned; null where its workflow ended before it could say so (it was terminated while
   * the step was being written). What it was asked to write is in `draft` then.
   */
  readonly hash: Digest | null;
  readonly draft: StepDraft | null;
}

const recordArgument = z.object({ run_id: runIdSchema, steps: z.array(stepDraft) });

/** Reads from a history every step of one run that `record` reported, or was at least asked to write. */
export function recordedInHistory(runId: RunId, { workflow_id, history }: RunHistory): HistoricStep[] {
  const asked = new Map<string, { readonly activity_id: string; readonly steps: readonly HistoricStep[] }>();
  const reported: HistoricStep[] = [];
  for (const event of history.events ?? []) {
    const schedule = event.activityTaskScheduledEventAttributes;
    if (schedule?.activityType?.name === 'record') {
      const activity_id = schedule.activityId ?? '';
      const argument = recordArgument.safeParse(firstPayload(schedule.input?.payloads));
      if (!argument.success || argument.data.run_id !== runId) continue;
      const drafts = argument.data.steps;
      const steps = drafts.map((draft) => ({
        number: draft.number,
        workflow_id,
        activity_id,
        hash: null,
        draft,
      }));
      asked.set(String(event.eventId), { activity_id, steps });
    }
    const completion = event.activityTaskCompletedEventAttributes;
    const call = completion && asked.get(String(completion.scheduledEventId));
    if (!completion || !call) continue;
    asked.delete(String(completion.scheduledEventId));
    const { activity_id } = call;
    for (const { number, hash } of z.array(recordedStep).parse(firstPayload(completion.result?.payloads))) {
      reported.push({ number, workflow_id, activity_id, hash, draft: null });
    }
  }
  return [...reported, ...[...asked.values()].flatMap(({ steps }) => steps)];
}

type Payloads = Parameters<typeof defaultPayloadConverter.fromPayload>[0][] | null | undefined;

function firstPayload(payloads: Payloads): unknown {
  const payload = payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
