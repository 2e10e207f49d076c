import type { Client } from '@temporalio/client';
import type { Database, RunModel } from '@watchtower/database';
import { startPipeline } from '../start-pipeline.ts';
import { allRows, eachRow, type Sweep, type Swept } from './each-row.ts';
import { runsBehind } from './run-order.ts';

/** Younger rows are still in the hands of whoever wrote them. */
const gracePeriod = { gateway: 5_000, schedule: 60_000 } as const;

/** Starts runs whose row was accepted by a process that died before it started them. */
export async function startAccepted(client: Client, database: Database, sweep: Sweep): Promise<Swept> {
  const { now } = sweep;
  const rows = allRows<RunModel>(100, (after, take) => {
    const behind = runsBehind(after, 'oldest_first');
    return database.run.findMany({
      where: {
        status: 'accepted',
        AND: behind.where,
        OR: [
          { trigger_source: { not: 'schedule' }, triggered_at: { lt: new Date(now - gracePeriod.gateway) } },
          { trigger_source: 'schedule', triggered_at: { lt: new Date(now - gracePeriod.schedule) } },
        ],
      },
      orderBy: behind.orderBy,
      take,
    });
  });
  return eachRow(
    sweep,
    rows,
    ({ id }) => `run ${id}`,
    (run) => startPipeline(client, { ...run, run_id: run.id }),
  );
}
