import { describe, expect, test } from '@jest/globals';
import { noTokens } from '@watchtower/contracts';
import { nothingSpent, spendTurn } from './spending.ts';

const turn = (input: number, cost: number | null) => ({ tokens: { ...noTokens, input }, cost });

describe('what reasoning costs', () => {
  test('is summed turn by turn', () => {
    const spent = [turn(10, 0.1), turn(5, 0.2)].reduce(spendTurn, nothingSpent);
    expect(spent).toEqual({ turns: 2, tokens: { ...noTokens, input: 15 }, cost: expect.closeTo(0.3) });
  });

  test('is unknown once one turn is', () => {
    const spent = [turn(10, 0.1), turn(5, null), turn(5, 0.1)].reduce(spendTurn, nothingSpent);
    expect(spent).toMatchObject({ turns: 3, cost: null });
  });
});
