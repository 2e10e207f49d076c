import { noTokens, type ReasonerInput } from '@watchtower/contracts';
import { policyReasoner } from '@watchtower/policy';
import type { Reasoner, SpokenTurn } from './reasoner.ts';

/** The built-in reasoner: no key, no network, the same turn for the same request. */
export const policy: Reasoner = {
  name: 'policy',
  turn: async (input: ReasonerInput): Promise<SpokenTurn> => ({
    ...policyReasoner(input),
    model_id: null,
    request_id: null,
    tokens: noTokens,
    exchange: null,
  }),
};
