import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { type Json, type RunId, runId } from '@watchtower/contracts';
import { recordedInHistory } from './recorded-in-history.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const other = runId.parse('0198a1b2-0000-7000-8000-000000000002');
const hash = (digit: string) => digit.repeat(64);

function payloads(value: Json) {
  const { metadata, data } = defaultPayloadConverter.toPayload(value);
  const encoded = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  return { payloads: [{ metadata: { encoding: encoded(metadata?.encoding) }, data: encoded(data) }] };
}

const scheduled = (eventId: number, activityId: string, type: string, argument: Json) => ({
  eventId: String(eventId),
  eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
  activityTaskScheduledEventAttributes: {
    activityId,
    activityType: { name: type },
    input: payloads(argument),
  },
});
const completed = (eventId: number, scheduledEventId: number, result: Json) => ({
  eventId: String(eventId),
  eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
  activityTaskCompletedEventAttributes: {
    scheduledEventId: String(scheduledEventId),
    result: payloads(result),
  },
});
const failed = (eventId: number, scheduledEventId: number) => ({
  eventId: String(eventId),
  eventType: 'EVENT_TYPE_ACTIVITY_TASK_FAILED',
  activityTaskFailedEventAttributes: { scheduledEventId: String(scheduledEventId) },
});

const read = (id: RunId, events: readonly object[]) =>
  recordedInHistory(id, {
    workflow_id: `pipeline/${run}`,
    workflow_run_id: null,
    history: historyFromJSON({ events }),
  });

describe('steps in a Temporal history', () => {
  test('are the results of `record`, with the activity that wrote them', () => {
    const events = [
      scheduled(5, '1', 'record', { run_id: run, steps: [] }),
      scheduled(6, '2', 'measureDrift', { run_id: run }),
      completed(7, 6, [{ number: 9, hash: hash('9') }]),
      completed(8, 5, [
        { number: 1, hash: hash('a') },
        { number: 2, hash: hash('b') },
      ]),
    ];
    expect(read(run, events)).toEqual([
      { number: 1, hash: hash('a'), workflow_id: `pipeline/${run}`, activity_id: '1', draft: null },
      { number: 2, hash: hash('b'), workflow_id: `pipeline/${run}`, activity_id: '1', draft: null },
    ]);
  });

  test('of another run are not this run’s: a sweep closes many', () => {
    const events = [
      scheduled(5, '1', 'record', { run_id: run, steps: [] }),
      scheduled(6, '2', 'record', { run_id: other, steps: [] }),
      completed(7, 5, [{ number: 4, hash: hash('a') }]),
      completed(8, 6, [{ number: 7, hash: hash('b') }]),
    ];
    expect(read(other, events)).toEqual([
      { number: 7, hash: hash('b'), workflow_id: `pipeline/${run}`, activity_id: '2', draft: null },
    ]);
  });

  test('that a workflow was ended over are told as it asked for them', () => {
    const draft = {
      number: 3,
      kind: 'status',
      name: 'training_started',
      message: 'Attempt 1 is training.',
      payload: {},
      at: '2026-01-01T00:00:00.000Z',
    };
    const events = [scheduled(5, '1', 'record', { run_id: run, steps: [draft] }), failed(6, 5)];
    expect(read(run, events)).toEqual([
      { number: 3, hash: null, workflow_id: `pipeline/${run}`, activity_id: '1', draft },
    ]);
    expect(read(run, [])).toEqual([]);
  });

  test('with a result that is none are an error, not silence', () => {
    const events = [
      scheduled(5, '1', 'record', { run_id: run, steps: [] }),
      completed(6, 5, [{ number: 1, hash: 'x' }]),
    ];
    expect(() => read(run, events)).toThrow();
  });
});
