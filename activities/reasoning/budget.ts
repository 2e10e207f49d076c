import { type ReasonerInput, WatchtowerError } from '@watchtower/contracts';
import { hostOf } from './endpoints.ts';
import { costOf, sumOf } from './prices.ts';

/** An answer shorter than this is not worth its prompt. */
const shortestAnswer = 256;

/**
 * Tokens of a request, at three bytes of its JSON a token: more than the tokenizers in use make of English
 * and JSON, so that a budget is left standing rather than passed.
 */
export const estimatedTokens = (request: unknown): number =>
  Math.ceil(Buffer.byteLength(JSON.stringify(request)) / 3);

/**
 * How many tokens the answer to this request may take: what the definition and the environment allow one
 * answer, what is left of the run's tokens, and what is left of its money.
 *
 * @throws WatchtowerError `ReasonerTokensSpent`, `ReasonerCostSpent`, or `ReasonerNotConfigured` where
 * money is limited and the price is not known
 */
export function answerLimit({ reasoner, spent }: ReasonerInput, request: unknown): number {
  const prompt = estimatedTokens(request);
  const left = reasoner.token_budget - sumOf(spent.tokens) - prompt;
  if (left < shortestAnswer) {
    throw new WatchtowerError(
      'ReasonerTokensSpent',
      `The run may use ${reasoner.token_budget} tokens and has used ${sumOf(spent.tokens)}; the next request takes ` +
        `about ${prompt}, which leaves too few for an answer. Raise token_budget or TOKEN_BUDGET for longer runs.`,
    );
  }
  return Math.min(reasoner.max_output_tokens, left, affordableAnswer(reasoner, spent, prompt));
}

function affordableAnswer(
  { cost_budget, price, model_id, base_url }: ReasonerInput['reasoner'],
  spent: ReasonerInput['spent'],
  prompt: number,
): number {
  if (cost_budget === null) return Number.POSITIVE_INFINITY;
  if (price === null) {
    throw new WatchtowerError(
      'ReasonerNotConfigured',
      `The run has a cost budget, and the price of ${model_id} at ${hostOf(base_url ?? '')} is not known. Name it in ` +
        'LLM_PRICES, or take the budget away.',
    );
  }
  const already = spent.cost ?? costOf(spent.tokens, price) ?? 0;
  // Nobody knows beforehand what comes out of the provider's cache: the dearest kind is assumed.
  const dearest = Math.max(price.input, price.cache_write);
  const left = cost_budget - already - (prompt * dearest) / 1_000_000;
  const tokens =
    price.output === 0 ? Number.POSITIVE_INFINITY : Math.floor((left * 1_000_000) / price.output);
  if (left < 0 || tokens < shortestAnswer) {
    throw new WatchtowerError(
      'ReasonerCostSpent',
      `The run may cost ${cost_budget} US dollars and has cost ${already.toFixed(4)}; the next request would cost more ` +
        'than is left. Raise cost_budget or COST_BUDGET_USD for longer runs.',
    );
  }
  return tokens;
}
