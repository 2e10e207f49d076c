import { z } from 'zod';
import { trigger } from './evidence.ts';
import { retrainingProposal } from './tools.ts';

/** Where the rules overrode what the reasoner proposed. */
export const decisionOverride = z.object({
  field: z.enum(['urgency', 'strategy']),
  proposed: z.string(),
  final: z.string(),
  rule: z.string(),
  detail: z.string(),
});
export type DecisionOverride = z.infer<typeof decisionOverride>;

/** Whether and how to retrain: the reasoner's proposal after the rules have had their say. */
export const retrainingDecision = retrainingProposal.extend({
  /** A retraining is demanded by the verdict, whatever the strategy says. */
  retrain: z.boolean(),
  triggers: z.array(trigger),
  overrides: z.array(decisionOverride),
});
export type RetrainingDecision = z.infer<typeof retrainingDecision>;
