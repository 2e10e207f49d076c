import { describe, expect, test } from '@jest/globals';
import { noTokens, type TokenUsage, type TurnBlock } from '@watchtower/contracts';
import { spokenTurn } from './spoken-turn.ts';

const access = { baseUrl: 'http://127.0.0.1:1/v1', key: null };
const said: readonly TurnBlock[] = [{ type: 'text', text: 'It moved.' }];
const tokensOf = (tokens: TokenUsage | null, blocks = said) =>
  spokenTurn(access, { model: 'm' }, { said: true }, { model: 'm', blocks, stop: 'end', tokens }, null)
    .tokens;
const estimate = { input: 5, output: 5, cache_read: 0, cache_write: 0 };

describe('the tokens of a turn', () => {
  test.each<[string, TokenUsage | null]>([
    ['none', null],
    ['zeros', noTokens],
    ['no answer', { ...noTokens, input: 900 }],
    ['no request', { ...noTokens, output: 30 }],
  ])('are estimated where the endpoint counts %s', (_what, tokens) => {
    expect(tokensOf(tokens)).toEqual(estimate);
  });

  test('are those of the endpoint where it counts', () => {
    const cached = { input: 0, output: 3, cache_read: 900, cache_write: 0 };
    expect(tokensOf(cached)).toBe(cached);
    const silent = { ...noTokens, input: 900 };
    expect(tokensOf(silent, [])).toBe(silent);
  });
});
