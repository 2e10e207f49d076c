import { expect } from '@jest/globals';
import type { ScriptedAnswer } from '../scripted-providers/index.ts';
import { decide, look, type ReasonerScript, sumUp, type Told, turns } from './reasoner-script.ts';

/** Counted as both interfaces name them: each reads its own. */
const used = (tokens: number) => ({
  input_tokens: tokens,
  output_tokens: 100,
  prompt_tokens: tokens,
  completion_tokens: 100,
  total_tokens: tokens + 100,
});
const counting = (answer: ScriptedAnswer, tokens: number): ScriptedAnswer =>
  'say' in answer ? { ...answer, usage: used(tokens) } : answer;

const spent = ({ detail }: Told) =>
  Object.values(detail.reasoning.tokens).reduce((sum, count) => sum + count, 0);

/** The model would go on for longer than it may. */
export const limits: readonly ReasonerScript[] = [
  {
    name: 'never stops',
    through: ['openai'],
    story: 'Looks at the same column for ever, with `max_turns: 4`; it is replaced after them.',
    answers: () => look,
    reasoner: { max_turns: 4 },
    ends: { outcome: 'dry_run', requests: 4, replaced: 'turns_spent' },
  },
  {
    name: 'spends its tokens',
    through: ['anthropic'],
    story: 'Uses 60,000 tokens a turn of its 100,000; there is no third turn, and it is replaced.',
    answers: () => counting(look, 60_000),
    reasoner: { token_budget: 100_000 },
    // The second turn was within the budget when it was asked; the provider counted more than there was to say.
    ends: { outcome: 'dry_run', requests: 2, replaced: 'tokens_spent' },
    check: (told) => expect(spent(told)).toBe(120_200),
  },
  {
    name: 'spends its money',
    through: ['openai'],
    story:
      'Costs more than four of its five cents in the first turn; there is no second, and it is replaced.',
    answers: turns(counting(look, 20_000)),
    reasoner: { cost_budget: 0.05 },
    ends: { outcome: 'dry_run', requests: 1, replaced: 'cost_spent' },
    // 20,000 tokens at 2 and 100 at 10 dollars a million.
    check: ({ detail }) => expect(detail.reasoning.cost).toBeCloseTo(0.041, 9),
  },
  {
    name: 'uses what it may',
    through: ['anthropic'],
    story: 'Keeps within tokens and money; nothing is cut.',
    answers: turns(counting(look, 10_000), counting(decide(), 10_000), counting(sumUp(), 10_000)),
    reasoner: { token_budget: 60_000, cost_budget: 0.2 },
    ends: { outcome: 'dry_run', requests: 3 },
    check: ({ detail }) => expect(detail.reasoning.cost).toBeCloseTo(0.063, 9),
  },
];
