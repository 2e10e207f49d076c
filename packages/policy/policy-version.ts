/**
 * Stands in every run: which rules judged it. Raise it whenever `verdictOf`, `guard`, `approvalNeeded`,
 * `outcomeOf` or the policy reasoner would answer differently to the same input; runs under way keep the
 * version they began with.
 */
export const policyVersion = '2';
