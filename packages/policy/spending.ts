import {
  noTokens,
  type ReasonerSettings,
  type ReasonerTurn,
  type ReasoningUsage,
  type TokenUsage,
} from '@watchtower/contracts';

/** Before the first turn. */
export const nothingSpent: ReasoningUsage = { turns: 0, tokens: noTokens, cost: 0 };

/** The sums with one more turn. A cost that is not known makes the sum unknown. */
export const spendTurn = (
  { turns, tokens, cost }: ReasoningUsage,
  turn: Pick<ReasonerTurn, 'tokens' | 'cost'>,
): ReasoningUsage => ({
  turns: turns + 1,
  tokens: sumOf(tokens, turn.tokens),
  cost: cost === null || turn.cost === null ? null : cost + turn.cost,
});

const sumOf = (a: TokenUsage, b: TokenUsage): TokenUsage => ({
  input: a.input + b.input,
  output: a.output + b.output,
  cache_read: a.cache_read + b.cache_read,
  cache_write: a.cache_write + b.cache_write,
});

/** The settings of the policy reasoner that takes over from another: it costs nothing and needs few turns. */
export const policySettings = (settings: ReasonerSettings): ReasonerSettings => ({
  ...settings,
  name: 'policy',
  model_id: null,
  base_url: null,
  price: null,
});
