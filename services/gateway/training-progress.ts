import { attemptProgress } from '@watchtower/activities/training/attempt-progress';
import type { RunId } from '@watchtower/contracts';
import type { z } from 'zod';
import type { GatewayContext } from './context.ts';
import { failureOf } from './problems.ts';
import { waitingOn } from './waiting-on.ts';

const trainingProgress = attemptProgress.omit({ watched: true });
/** Seconds since it began, lines so far, and the newest line, of at most 500 characters. */
export type TrainingProgress = z.infer<typeof trainingProgress>;

/** Temporal is asked no more often than this for one stream. */
const lookEveryMs = 2_000;

async function trains(
  { database, log }: Pick<GatewayContext, 'database' | 'log'>,
  run_id: RunId,
): Promise<boolean> {
  try {
    const found = await database.training.findUnique({ where: { run_id }, select: { status: true } });
    return found?.status === 'running';
  } catch (error) {
    if (!failureOf(error).retryable) throw error;
    log.debug({ err: error, run_id }, 'a stream shows no training while Postgres is away');
    return false;
  }
}

/**
 * A run's training as it shows itself while it is watched: whoever asks gets the newest, and what came in between is
 * passed over, so that a job that floods its log costs one line a look.
 */
export function followTraining(context: Pick<GatewayContext, 'database' | 'log' | 'temporal'>, runId: RunId) {
  let looked = Number.NEGATIVE_INFINITY;
  let told = '';
  return {
    /** Null where nothing trains, or nothing is new. */
    async news(): Promise<TrainingProgress | null> {
      if (performance.now() - looked < lookEveryMs) return null;
      looked = performance.now();
      if (!(await trains(context, runId))) return null;
      const pending = (await waitingOn(context, runId)) ?? [];
      const watched = pending.find(({ activity }) => activity === 'observeAttempt');
      const { data } = trainingProgress.safeParse(watched?.progress);
      const line = JSON.stringify([data?.log_lines, data?.last_line]);
      if (data === undefined || line === told) return null;
      told = line;
      return data;
    },
  };
}
