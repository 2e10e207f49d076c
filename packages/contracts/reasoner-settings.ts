import { z } from 'zod';

export const reasonerName = z.enum(['policy', 'anthropic', 'openai']);
export type ReasonerName = z.infer<typeof reasonerName>;

const count = z.int().min(0);
const usd = z.number().min(0);

/** Tokens as the provider counts them; `input` leaves out what was read from or written to its prompt cache. */
export const tokenUsage = z.object({ input: count, output: count, cache_read: count, cache_write: count });
export type TokenUsage = z.infer<typeof tokenUsage>;
export const noTokens: TokenUsage = { input: 0, output: 0, cache_read: 0, cache_write: 0 };

/** US dollars for a million tokens of each kind. */
export const tokenPrice = z.strictObject({ input: usd, output: usd, cache_read: usd, cache_write: usd });
export type TokenPrice = z.infer<typeof tokenPrice>;

/** Who reasons in a run and how much it may spend: frozen when the run is opened. Keys are not part of it. */
export const reasonerSettings = z.object({
  name: reasonerName,
  /** The provider's name for its language model; null for `policy`. */
  model_id: z.string().nullable(),
  base_url: z.string().nullable(),
  max_turns: z.int().min(1),
  token_budget: z.int().min(1),
  /** US dollars; null is no limit. */
  cost_budget: usd.nullable(),
  /** Of one call. */
  timeout_seconds: z.int().min(1),
  max_output_tokens: z.int().min(1),
  /** Null where it is not known: then no cost is computed. */
  price: tokenPrice.nullable(),
});
export type ReasonerSettings = z.infer<typeof reasonerSettings>;
