import { type ModelDefinition, milliseconds } from '@watchtower/contracts';
import { z } from 'zod';
import type { StopReason } from './stop-reason.ts';
import { type Watched, watched } from './time-awake.ts';

/** What the heartbeats of an observer show. */
export const attemptProgress = z.object({
  seconds: z.number(),
  log_lines: z.int(),
  last_line: z.string(),
  watched,
});
export type AttemptProgress = z.infer<typeof attemptProgress>;

/** What the observer before this one knew of the attempt's time. */
export function watchedEarlier(heartbeat: unknown): Watched | null {
  return attemptProgress.safeParse(heartbeat).data?.watched ?? null;
}

/**
 * Whether an attempt ran too long, or was silent for too long.
 *
 * @param graceMs how long past the limit somebody nearer to it may end it first
 * @param limitMs where the definition's own limit is not the only one
 */
export function reasonToStop(
  { retrain }: ModelDefinition,
  { running_ms, quiet_ms }: Watched,
  graceMs: number,
  limitMs: number = Number.POSITIVE_INFINITY,
): StopReason | null {
  if (running_ms > Math.min(milliseconds(retrain.timeout), limitMs) + graceMs) return 'TrainingTimedOut';
  return quiet_ms > milliseconds(retrain.stuck_after) ? 'TrainingStuck' : null;
}
