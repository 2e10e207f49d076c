import type { Client } from '@temporalio/client';
import type { Database } from '@watchtower/database';
import { syncSchedule } from '../schedules.ts';
import { eachRow, type Sweep, type Swept } from './each-row.ts';

/** Brings Schedules up to date whose definition was stored by a process that died before it changed them. */
export async function synchroniseSchedules(
  temporal: Client,
  database: Database,
  sweep: Sweep,
): Promise<Swept> {
  const models = await database.model.findMany({
    where: { updated_at: { lt: new Date(sweep.now - 5_000) } },
  });
  const behind = models.filter((model) => model.schedule_version !== model.current_version);
  return eachRow(
    sweep,
    behind,
    ({ name }) => `schedule of ${name}`,
    async ({ name }) => {
      await syncSchedule({ temporal, database }, name);
      return true;
    },
  );
}
