import { z } from 'zod';

/** What whoever watches an attempt knows of its time, carried from one look to the next. Times are in milliseconds. */
export const watched = z.object({
  /** When it was looked at last, since the epoch. */
  at: z.number(),
  /** When its log had last changed, since the epoch; 0 where there was none. */
  log_changed_at: z.number(),
  /** Time awake since the first look. */
  running_ms: z.number().min(0),
  /** Time awake without a change of the log. */
  quiet_ms: z.number().min(0),
});
export type Watched = z.infer<typeof watched>;

/** Looks are at most this far apart while the machine is awake, however busy. */
const longestGapMs = 5_000;

/**
 * Counts time awake: a laptop that was suspended, or a watcher that was away, leaves a gap between two looks that says
 * nothing of the training, and counts as one interval. A clock that was set back counts nothing.
 *
 * @param earlier the look before; null at the first
 * @param intervalMs how often is looked
 */
export function look(
  earlier: Watched | null,
  { at, log_changed_at }: Pick<Watched, 'at' | 'log_changed_at'>,
  intervalMs: number,
): Watched {
  if (earlier === null) return { at, log_changed_at, running_ms: 0, quiet_ms: 0 };
  const gap = Math.max(0, at - earlier.at);
  const awake = gap > Math.max(longestGapMs, intervalMs) ? intervalMs : gap;
  const changed = log_changed_at !== earlier.log_changed_at;
  return {
    at,
    log_changed_at,
    running_ms: earlier.running_ms + awake,
    quiet_ms: changed ? 0 : earlier.quiet_ms + awake,
  };
}
