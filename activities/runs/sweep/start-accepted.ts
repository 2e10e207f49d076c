import type { Client } from '@temporalio/client';
import type { Database } from '@watchtower/database';
import { startPipeline } from '../start-pipeline.ts';

/** Younger rows are still in the hands of whoever wrote them. */
const gracePeriod = { gateway: 5_000, schedule: 60_000 } as const;

/** Starts runs whose row was accepted by a process that died before it started them. @returns how many */
export async function startAccepted(client: Client, database: Database, now: number): Promise<number> {
  const rows = await database.run.findMany({
    where: {
      status: 'accepted',
      OR: [
        { trigger_source: { not: 'schedule' }, triggered_at: { lt: new Date(now - gracePeriod.gateway) } },
        { trigger_source: 'schedule', triggered_at: { lt: new Date(now - gracePeriod.schedule) } },
      ],
    },
    orderBy: { triggered_at: 'asc' },
    take: 200,
  });
  let started = 0;
  for (const run of rows) if (await startPipeline(client, { ...run, run_id: run.id })) started += 1;
  return started;
}
