import { noTokens, type ReasonerInput } from '@watchtower/contracts';
import { allowedTools } from '../guard.ts';

/** What the policy reasoner is asked; the evidence stands in the steps 2 to 4. */
export const reasonerInput = (
  asked: Pick<ReasonerInput, 'evidence' | 'state' | 'transcript' | 'turn' | 'through_step'>,
): ReasonerInput => ({
  ...asked,
  run_id: asked.evidence.run_id,
  reasoner: {
    name: 'policy',
    model_id: null,
    base_url: null,
    max_turns: 20,
    token_budget: 100_000,
    cost_budget: null,
    timeout_seconds: 120,
    max_output_tokens: 4096,
    price: null,
  },
  evidence_steps: [2, 3, 4],
  after_step: 4,
  allowed_tools: allowedTools(asked.state),
  spent: { tokens: noTokens, cost: 0 },
});
