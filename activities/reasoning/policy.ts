import { policyReasoner } from '@watchtower/policy';
import type { Reasoner } from './reasoner.ts';

/** The built-in reasoner: no key, no network, the same turn for the same request. */
export const policy: Reasoner = {
  name: 'policy',
  turn: async (request) => policyReasoner(request),
};
