import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ScheduleNotFoundError } from '@temporalio/client';
import {
  type JsonObject,
  runId,
  scheduleIds,
  taskQueues,
  watchedModel,
  workflowIds,
} from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';

const minutes = 60_000;
jest.setTimeout(minutes);
const hour = 60 * minutes;
const mondays: JsonObject = {
  cron: '30 6 * * 1',
  timezone: 'Europe/Berlin',
  overlap: 'skip',
  catch_up: '2h',
  dry_run: true,
};

describe('a definition with a schedule', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab('schedule');
    await lab.apply({ schedule: mondays });
  }, 3 * minutes);
  afterAll(() => lab.close(), minutes);

  const schedule = () => lab.temporal.schedule.getHandle(scheduleIds.model(lab.model));
  const scheduledRuns = () =>
    lab.database.run.findMany({ where: { model: lab.model, trigger_source: 'schedule' } });

  test('has a Temporal Schedule that says the same', async () => {
    const { spec, policies, action, state } = await schedule().describe();
    expect(spec.timezone).toBe('Europe/Berlin');
    expect(spec.calendars).toMatchObject([
      { hour: [{ start: 6 }], minute: [{ start: 30 }], dayOfWeek: [{ start: 'MONDAY' }] },
    ]);
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 2 * hour, pauseOnFailure: false });
    expect(action).toMatchObject({ workflowType: 'scheduledRun', args: [{ model: lab.model }] });
    expect(state.paused).toBe(false);
    expect(await scheduleVersion()).toBe(1);
  });

  test(
    'runs once each time it is triggered, as its schedule says',
    async () => {
      await schedule().trigger();
      while ((await scheduledRuns()).length === 0) await sleep(100);
      const [row] = await scheduledRuns();
      const run = runId.parse(row?.id);
      expect(await lab.ended(run)).toMatchObject({
        status: 'completed',
        outcome: 'dry_run',
        trigger_source: 'schedule',
        dry_run: true,
        data_window_id: 'current',
      });
      expect((await lab.steps(run)).at(-1)).toMatchObject({ kind: 'summary' });
      const trigger = await triggerOf(run);
      expect(trigger).toMatch(new RegExp(`^scheduled/${lab.model}-`));
      await lab.temporal.workflow.getHandle(trigger).result();

      // Its retry would be the same run.
      await lab.temporal.workflow.execute('scheduledRun', {
        workflowId: trigger,
        taskQueue: taskQueues.main,
        args: [{ model: lab.model }],
      });
      expect(await scheduledRuns()).toHaveLength(1);
      const { body } = await lab.request('GET', `/api/v1/pipeline/${run}/audit`);
      expect(body).toMatchObject({ ok: true });
    },
    2 * minutes,
  );

  test('that is changed changes the Temporal Schedule', async () => {
    await lab.apply({ schedule: { ...mondays, cron: '0 */4 * * *', overlap: 'allow_all', paused: true } });
    const { spec, policies, state } = await schedule().describe();
    expect(spec.calendars).toMatchObject([{ hour: [{ step: 4 }], minute: [{ start: 0 }] }]);
    expect(policies.overlap).toBe('ALLOW_ALL');
    expect(state.paused).toBe(true);
    expect(await scheduleVersion()).toBe(2);
  });

  test('that says it is paused no longer unpauses it', async () => {
    await lab.apply({ schedule: mondays });
    const { state } = await schedule().describe();
    expect(state.paused).toBe(false);
    expect(await scheduleVersion()).toBe(3);
  });

  test('does not unpause a Schedule that somebody paused in Temporal, nor lose their note', async () => {
    await schedule().pause('Ada: the source is being moved');
    const byHand = { paused: true, note: 'Ada: the source is being moved' };
    await lab.apply({ schedule: { ...mondays, cron: '0 8 * * *' } });
    const { spec, state } = await schedule().describe();
    expect(spec.calendars).toMatchObject([{ hour: [{ start: 8 }], minute: [{ start: 0 }] }]);
    expect(state).toMatchObject(byHand);

    await lab.apply({ schedule: { ...mondays, paused: true } });
    await lab.apply({ schedule: mondays });
    expect((await schedule().describe()).state).toMatchObject(byHand);

    await schedule().unpause('Ada: it has moved');
    await lab.apply({ schedule: { ...mondays, cron: '0 9 * * *' } });
    expect((await schedule().describe()).state.paused).toBe(false);
  });

  test(
    'that is removed removes the Temporal Schedule, and a late trigger of it runs nothing',
    async () => {
      await lab.apply();
      await expect(schedule().describe()).rejects.toThrow(ScheduleNotFoundError);
      const late = lab.temporal.workflow.execute('scheduledRun', {
        workflowId: `scheduled/${lab.model}-late`,
        taskQueue: taskQueues.main,
        args: [{ model: lab.model }],
      });
      await expect(late).rejects.toMatchObject({
        cause: {
          cause: { type: 'InvalidDefinition', message: expect.stringContaining('no schedule any more') },
        },
      });
      expect(await scheduledRuns()).toHaveLength(1);
    },
    minutes,
  );

  test(
    'that was stored by a gateway which then died is brought to Temporal by the sweep',
    async () => {
      // A Temporal address nobody listens on: the definition is stored, its Schedule is not reached.
      const unlucky = await lab.stack.startGateway({ TEMPORAL_ADDRESS: '127.0.0.1:9' });
      const { definition } = await currentDefinition();
      const answer = fetch(`${unlucky.url}/api/v1/models`, {
        method: 'POST',
        headers: { 'x-api-key': lab.stack.apiKey, 'content-type': 'application/json' },
        body: JSON.stringify({ definition: { ...definition, schedule: mondays } }),
      }).catch(() => null);
      const synchronised = await scheduleVersion();
      while ((await currentDefinition()).version !== synchronised + 1) await sleep(50);
      await unlucky.kill('SIGKILL');
      await answer;
      expect(await scheduleVersion()).toBe(synchronised);

      const deadline = Date.now() + minutes;
      while ((await scheduleVersion()) !== synchronised + 1) {
        if (Date.now() > deadline) throw new Error('No sweep brought the Schedule up to date in a minute.');
        await sleep(500);
      }
      expect((await schedule().describe()).policies.overlap).toBe('SKIP');
      expect((await currentDefinition()).schedule_synchronised).toBe(true);
    },
    2 * minutes,
  );

  async function scheduleVersion(): Promise<number> {
    const row = await lab.database.model.findUniqueOrThrow({ where: { name: lab.model } });
    return row.schedule_version;
  }

  async function currentDefinition() {
    return watchedModel.parse((await lab.request('GET', `/api/v1/models/${lab.model}`)).body);
  }

  /** Workflow id of the Schedule's action that started the run. */
  async function triggerOf(run: string): Promise<string> {
    const { raw } = await lab.temporal.workflow.getHandle(workflowIds.pipeline(run)).describe();
    return raw.workflowExecutionInfo?.parentExecution?.workflowId ?? '';
  }
});
