import type { Urgency } from '@watchtower/contracts';
import { raisesAlert } from '@watchtower/contracts';
import { isAtLeast } from './verdict.ts';

/**
 * Whether a run's urgency is news that people should have: it asks for action, and is higher than what they have been
 * told already.
 *
 * @param told the urgency before; null where there was none
 */
export const isAlert = (urgency: Urgency, told: Urgency | null): boolean =>
  raisesAlert(urgency) && (told === null || !isAtLeast(told, urgency));
