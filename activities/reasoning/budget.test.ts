import { describe, expect, test } from '@jest/globals';
import { noTokens } from '@watchtower/contracts';
import fc from 'fast-check';
import { exampleInput } from '../../tests/scripted-providers/index.ts';
import { answerLimit, estimatedTokens } from './budget.ts';
import { costOf, sumOf } from './prices.ts';

const price = { input: 2, output: 10, cache_read: 0.1, cache_write: 2.5 };
const request = { text: 'x'.repeat(2988) };
const used = (input: number) => ({ tokens: { ...noTokens, input }, cost: null });

describe('what an answer may take', () => {
  test('is what one answer is allowed, where nothing else is scarce', () => {
    expect(estimatedTokens(request)).toBe(1000);
    expect(answerLimit(exampleInput(), request)).toBe(4096);
  });

  test('is what is left of the tokens after the prompt', () => {
    expect(answerLimit(exampleInput({ spent: used(97_000) }), request)).toBe(2000);
    expect(answerLimit(exampleInput({ spent: used(98_744) }), request)).toBe(256);
    expect(() => answerLimit(exampleInput({ spent: used(98_745) }), request)).toThrow(
      expect.objectContaining({ code: 'ReasonerTokensSpent' }),
    );
  });

  test('is what is left of the money after the prompt', () => {
    const reasoner = { price, cost_budget: 0.02 };
    // 1000 tokens at the dearest kind of input leave 1.75 cents, of which a token of output takes a thousandth.
    expect(answerLimit(exampleInput({ reasoner }), request)).toBe(1750);
    const spent = { tokens: noTokens, cost: 0.019 };
    expect(() => answerLimit(exampleInput({ reasoner, spent }), request)).toThrow(
      expect.objectContaining({ code: 'ReasonerCostSpent' }),
    );
    expect(() => answerLimit(exampleInput({ reasoner: { price, cost_budget: 0 } }), request)).toThrow(
      expect.objectContaining({ code: 'ReasonerCostSpent' }),
    );
  });

  test('is nothing where money is limited and the price is not known', () => {
    expect(() => answerLimit(exampleInput({ reasoner: { cost_budget: 5 } }), request)).toThrow(
      expect.objectContaining({
        code: 'ReasonerNotConfigured',
        message: expect.stringContaining('LLM_PRICES'),
      }),
    );
  });

  test('is not limited by money where the answer costs nothing', () => {
    const free = { input: 0, output: 0, cache_read: 0, cache_write: 0 };
    expect(answerLimit(exampleInput({ reasoner: { price: free, cost_budget: 0 } }), request)).toBe(4096);
  });

  test('never lets a run pass its tokens or its money, if the prompt is as large as estimated', () => {
    const count = fc.integer({ min: 0, max: 60_000 });
    const amounts = fc.record({ input: count, output: count, cache_read: count, cache_write: count });
    fc.assert(
      fc.property(amounts, fc.double({ min: 0, max: 2, noNaN: true }), (tokens, cost_budget) => {
        const spent = { tokens, cost: costOf(tokens, price) };
        const input = exampleInput({ reasoner: { price, cost_budget }, spent });
        let limit: number;
        try {
          limit = answerLimit(input, request);
        } catch {
          return;
        }
        const worst = { ...noTokens, cache_write: 1000, output: limit };
        expect(limit).toBeGreaterThanOrEqual(256);
        expect(sumOf(tokens) + sumOf(worst)).toBeLessThanOrEqual(input.reasoner.token_budget);
        expect((spent.cost ?? 0) + (costOf(worst, price) ?? 0)).toBeLessThanOrEqual(cost_budget + 1e-9);
      }),
    );
  });
});
