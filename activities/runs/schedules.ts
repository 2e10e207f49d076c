import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import {
  type ModelDefinition,
  milliseconds,
  scheduleIds,
  taskQueues,
  workflowIds,
} from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { readCurrentDefinition } from './definitions.ts';
import { searchAttributes } from './search-attributes.ts';

/** Tells a pause that the definition asks for from one that a person made in the Temporal UI. */
const pausedByDefinition = 'Paused by the definition (schedule.paused).';

const overlapPolicy = { allow_all: 'ALLOW_ALL', skip: 'SKIP', buffer_one: 'BUFFER_ONE' } as const;

/**
 * Makes the Temporal Schedule `schedule/<model>` say what the current definition says: created, changed or deleted.
 * Repeating it changes nothing. Afterwards the model's row remembers the version; a process that dies before is repaired
 * by the sweep.
 *
 * @throws WatchtowerError `UnknownModel`
 */
export async function syncSchedule(
  { temporal, database }: { readonly temporal: Client; readonly database: Database },
  model: string,
): Promise<void> {
  const { definition, version } = await readCurrentDefinition(database, model);
  const id = scheduleIds.model(model);
  if (definition.schedule)
    await putSchedule(temporal, id, modelSchedule(id, definition, definition.schedule));
  else await deleteSchedule(temporal, id);
  await database.model.updateMany({
    where: { name: model, current_version: version },
    data: { schedule_version: version },
  });
}

/** The sweep's own Schedule, made by every worker at its start, which also sees to it that one sweep is under way. */
export async function ensureSweepSchedule(client: Client): Promise<void> {
  await putSchedule(client, scheduleIds.sweep, {
    scheduleId: scheduleIds.sweep,
    spec: { intervals: [{ every: '1m' }] },
    policies: { overlap: 'SKIP', catchupWindow: '1m' },
    action: {
      type: 'startWorkflow',
      workflowType: 'sweep',
      workflowId: workflowIds.sweep,
      taskQueue: taskQueues.main,
      args: [],
      // Longer than its life: one that a release has wedged gives way to the next.
      workflowExecutionTimeout: '15m',
    },
    memo: { purpose: 'Starts accepted runs, closes runs whose workflow has ended, exports histories' },
  });
  await client.schedule.getHandle(scheduleIds.sweep).trigger('SKIP');
}

function modelSchedule(
  id: string,
  definition: ModelDefinition,
  schedule: NonNullable<ModelDefinition['schedule']>,
): ScheduleOptions {
  return {
    scheduleId: id,
    spec: { cronExpressions: [schedule.cron], timezone: schedule.timezone },
    policies: {
      overlap: overlapPolicy[schedule.overlap],
      catchupWindow: milliseconds(schedule.catch_up),
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledRun',
      workflowId: workflowIds.scheduled(definition.model),
      taskQueue: taskQueues.main,
      args: [{ model: definition.model }],
      typedSearchAttributes: new TypedSearchAttributes([
        { key: searchAttributes.model, value: definition.model },
        { key: searchAttributes.kind, value: 'scheduled' },
        { key: searchAttributes.trigger, value: 'schedule' },
      ]),
    },
    state: { paused: schedule.paused, ...(schedule.paused && { note: pausedByDefinition }) },
    memo: { model: definition.model },
  };
}

async function putSchedule(client: Client, id: string, options: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { scheduleId: _id, memo: _memo, ...update } = options;
    await client.schedule
      .getHandle(id)
      .update(({ state }) => ({ ...update, state: { ...state, ...pausing(options, state) } }));
  }
}

/** What somebody paused by hand stays paused, with their note, until they unpause it: no definition undoes that. */
function pausing(
  { state: wanted }: ScheduleOptions,
  now: Pick<ScheduleDescription['state'], 'paused' | 'note'>,
): { readonly paused: boolean; readonly note?: string } {
  const byHand = now.paused && now.note !== pausedByDefinition;
  if (byHand || wanted?.paused === undefined) return { paused: now.paused };
  if (wanted.paused) return { paused: true, note: pausedByDefinition };
  return { paused: false, ...(now.paused && { note: '' }) };
}

async function deleteSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
