import { startPipeline } from '@watchtower/activities/runs/start-pipeline';
import type { RunModel } from '@watchtower/database';
import { bounded } from './bounded.ts';
import type { GatewayContext } from './context.ts';

const startLimit = 3_000;

/**
 * Starts an accepted run's workflow; one that was started before is left alone.
 *
 * @returns whether Temporal took it. Where not, the sweep starts it: a row is a promise.
 */
export async function startRun({ temporal, log }: GatewayContext, row: RunModel): Promise<boolean> {
  try {
    const { id, model, trigger_source, dry_run } = row;
    const start = () => startPipeline(temporal, { run_id: id, model, trigger_source, dry_run });
    await bounded(startLimit, temporal.connection.withDeadline(Date.now() + startLimit, start));
    return true;
  } catch (error) {
    log.warn({ err: error, run_id: row.id }, 'the run was accepted but not started; the sweep will start it');
    return false;
  }
}
