import { describe, expect, test } from '@jest/globals';
import { redacted, withoutKey, withoutKeyWithin } from './redact.ts';

describe('text of others', () => {
  test.each([
    ['Incorrect API key provided: sk-proj-ab**********wxyz.', 'Incorrect API key provided: [redacted]'],
    ['Incorrect API key provided: 0a1b2c3d*****wxyz.', 'Incorrect API key provided: [redacted]'],
    ['Authorization: Bearer eyJhbGciOi.J9.x-y_z==', 'Authorization: [redacted]'],
    ['{"x-api-key":"s3cr3t-value"}', '{"x-api-key":"[redacted]"}'],
    ['key gsk_0123456789abcdef is revoked', 'key [redacted] is revoked'],
    ['The model `gpt-6-sol` does not exist', 'The model `gpt-6-sol` does not exist'],
    ['task-specific risk-averse', 'task-specific risk-averse'],
  ])('%s loses what looks like a key', (text, without) => {
    expect(redacted(text, null)).toBe(without);
  });

  test('loses our key wherever it stands', () => {
    expect(withoutKey('a-plainkey/a-plainkey', 'plainkey')).toBe('a-[redacted]/a-[redacted]');
    expect(withoutKey('nothing', null)).toBe('nothing');
  });

  test.each(['x', 'none', 'EMPTY'])('is left alone where the key is a placeholder: %s', (placeholder) => {
    const decision = { urgency: 'none', root_cause: 'x1 moved; EMPTY is new.' };
    expect(withoutKeyWithin(decision, placeholder)).toEqual(decision);
  });

  test.each([
    String.raw`\u0073k-a/b+c.d`,
    String.raw`sk-a\/b\u002Bc.d`,
    String.raw`sk\u002da\u002fb\u002bc\u002ed`,
    String.raw`\\u0073k-a\\/b+c.d`,
  ])('loses our key where it is written %s', (escaped) => {
    expect(withoutKey(`"${escaped}", sk-axb+c.d`, 'sk-a/b+c.d')).toBe('"[redacted]", sk-axb+c.d');
  });

  test('is searched in no time, whatever it is made of', () => {
    const began = Date.now();
    withoutKey('\\'.repeat(1024 * 1024), 'sk-a/b+c.d');
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('loses our key in strings and names of fields, however deep', () => {
    const value = { plainkey: [1, null, true, { 'of plainkey': 'plainkey text' }] };
    expect(withoutKeyWithin(value, 'plainkey')).toEqual({
      '[redacted]': [1, null, true, { 'of [redacted]': '[redacted] text' }],
    });
  });
});
