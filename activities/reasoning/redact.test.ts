import { describe, expect, test } from '@jest/globals';
import { redacted, withoutKey } from './redact.ts';

describe('text of others', () => {
  test.each([
    ['Incorrect API key provided: sk-proj-ab**********wxyz.', 'Incorrect API key provided: [redacted]'],
    ['Authorization: Bearer eyJhbGciOi.J9.x-y_z==', 'Authorization: [redacted]'],
    ['{"x-api-key":"s3cr3t-value"}', '{"x-api-key":"[redacted]"}'],
    ['key gsk_0123456789abcdef is revoked', 'key [redacted] is revoked'],
    ['The model `gpt-6-sol` does not exist', 'The model `gpt-6-sol` does not exist'],
    ['task-specific risk-averse', 'task-specific risk-averse'],
  ])('%s loses what looks like a key', (text, without) => {
    expect(redacted(text, null)).toBe(without);
  });

  test('loses our key wherever it stands', () => {
    expect(withoutKey('a-plain-key/a-plain-key', 'plain')).toBe('a-[redacted]-key/a-[redacted]-key');
    expect(withoutKey('nothing', null)).toBe('nothing');
  });
});
