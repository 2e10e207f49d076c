import type { Environment, TokenPrice, TokenUsage } from '@watchtower/contracts';

/**
 * US dollars for a million tokens, as listed on 2026-11-23. Sources:
 * platform.claude.com/docs/en/about-claude/pricing (cache writes: those of five minutes),
 * developers.openai.com/api/docs/pricing (prompts up to 272,000 tokens), groq.com/pricing. Where no price
 * of its own is listed for cached tokens, they cost what input costs.
 */
const listed: Readonly<Record<string, TokenPrice>> = {
  'claude-opus-5-5': { input: 4, output: 20, cache_read: 0.2, cache_write: 5 },
  'claude-opus-5': { input: 5, output: 25, cache_read: 0.5, cache_write: 6.25 },
  'claude-sonnet-5-5': { input: 2, output: 10, cache_read: 0.1, cache_write: 2.5 },
  'claude-sonnet-5': { input: 2, output: 10, cache_read: 0.2, cache_write: 2.5 },
  // Prompts up to 100,000 tokens; longer ones cost five times as much.
  'claude-haiku-5-5': { input: 0.1, output: 0.5, cache_read: 0.01, cache_write: 0.125 },
  'claude-haiku-4-5': { input: 1, output: 5, cache_read: 0.1, cache_write: 1.25 },
  'gpt-6-sol': { input: 2, output: 10, cache_read: 0.2, cache_write: 2.5 },
  'gpt-6-luna': { input: 0.1, output: 0.5, cache_read: 0.01, cache_write: 0.125 },
  'gpt-5.4-mini': { input: 0.75, output: 4.5, cache_read: 0.075, cache_write: 0.75 },
  'llama-3.3-70b-versatile': { input: 0.59, output: 0.79, cache_read: 0.59, cache_write: 0.59 },
  'openai/gpt-oss-120b': { input: 0.15, output: 0.6, cache_read: 0.15, cache_write: 0.15 },
};

/**
 * The price of a language model: `LLM_PRICES`, else the table above, a dated name counting as its family;
 * else null.
 */
export function priceOf(model: string, { LLM_PRICES }: Pick<Environment, 'LLM_PRICES'>): TokenPrice | null {
  const family = model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '');
  const named = (prices: Readonly<Record<string, TokenPrice>>, name: string) =>
    Object.hasOwn(prices, name) ? prices[name] : undefined;
  return named(LLM_PRICES, model) ?? named(LLM_PRICES, family) ?? named(listed, family) ?? null;
}

/** US dollars of these tokens; null where the price is not known. No tokens cost nothing at any price. */
export function costOf(tokens: TokenUsage, price: TokenPrice | null): number | null {
  if (sumOf(tokens) === 0) return 0;
  if (price === null) return null;
  const { input, output, cache_read, cache_write } = tokens;
  const micro =
    input * price.input +
    output * price.output +
    cache_read * price.cache_read +
    cache_write * price.cache_write;
  return micro / 1_000_000;
}

/** Everything the provider counted. */
export const sumOf = ({ input, output, cache_read, cache_write }: TokenUsage): number =>
  input + output + cache_read + cache_write;
