import type { Client } from '@temporalio/client';
import type { Database } from '@watchtower/database';
import { syncSchedule } from '../schedules.ts';

/** Brings Schedules up to date whose definition was stored by a process that died before it changed them. */
export async function synchroniseSchedules(
  temporal: Client,
  database: Database,
  now: number,
): Promise<number> {
  const models = await database.model.findMany({ where: { updated_at: { lt: new Date(now - 5_000) } } });
  const behind = models.filter((model) => model.schedule_version !== model.current_version);
  for (const { name } of behind) await syncSchedule({ temporal, database }, name);
  return behind.length;
}
