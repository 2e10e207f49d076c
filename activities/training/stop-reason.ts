import type { AttemptResult } from '@watchtower/contracts';
import { z } from 'zod';

/** `shutdown`: the stack ended; the attempt counts as lost, and the next one follows. */
export const stopReason = z.enum([
  'TrainingStuck',
  'TrainingTimedOut',
  'TrainingOutOfMemory',
  'TrainingCancelled',
  'shutdown',
]);
export type StopReason = z.infer<typeof stopReason>;

/**
 * A program that ended well did so, even if somebody was about to stop it; only a cancelled one no longer counts.
 *
 * @param ended null where nothing tells how it ended
 */
export function outcomeOf(
  ended: { readonly code: number | null } | null,
  reason: StopReason | null,
): Pick<AttemptResult, 'status' | 'failure_code'> {
  if (reason === 'TrainingCancelled') return { status: 'cancelled', failure_code: 'TrainingCancelled' };
  if (ended?.code === 0) return { status: 'succeeded', failure_code: null };
  if (reason === 'shutdown') return { status: 'lost', failure_code: null };
  if (reason) return { status: 'failed', failure_code: reason };
  return ended
    ? { status: 'failed', failure_code: 'TrainingFailed' }
    : { status: 'lost', failure_code: null };
}
