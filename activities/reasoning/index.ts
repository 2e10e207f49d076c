import { reasonerTurn, WatchtowerError } from '@watchtower/contracts';
import type { ActivityContext } from '../context.ts';
import type { ReasoningActivities } from '../interfaces/reasoning.ts';
import { policy } from './policy.ts';
import type { Reasoner } from './reasoner.ts';

export type { Reasoner } from './reasoner.ts';

/** One turn of the reasoner that the request names; what it answers is checked, whoever made it. */
export function createReasoningActivities(
  _context: ActivityContext,
  reasoners: readonly Reasoner[] = [policy],
): ReasoningActivities {
  const byName = new Map(reasoners.map((reasoner) => [reasoner.name, reasoner]));
  return {
    reason: async (request) => {
      const reasoner = byName.get(request.reasoner);
      if (reasoner === undefined) {
        const known = [...byName.keys()].join(', ');
        throw new WatchtowerError(
          'InvalidRequest',
          `There is no reasoner "${request.reasoner}" on this worker. Use one of: ${known}.`,
        );
      }
      return reasonerTurn.parse(await reasoner.turn(request));
    },
  };
}
