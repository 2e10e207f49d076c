import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storableJson, storableText } from './storable-json.ts';

describe('what Postgres cannot keep', () => {
  test('becomes U+FFFD: the null character and lone surrogates, in keys as well', () => {
    expect(storableText('a\0b')).toBe('a\uFFFDb');
    expect(storableText('\uD83D')).toBe('\uFFFD');
    expect(storableJson({ 'co\0lumn': ['\uDE00'] })).toEqual({ 'co\uFFFDlumn': ['\uFFFD'] });
  });

  test('does not touch whole surrogate pairs', () => {
    expect(storableText('a😀b')).toBe('a😀b');
  });

  test('a key without a value is left out, −0 is 0', () => {
    const stored = storableJson({ gone: undefined, zero: -0 });
    expect(Object.keys(stored)).toEqual(['zero']);
    expect(Object.is(stored.zero, 0)).toBe(true);
  });

  test('is gone after one pass, and all else is as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const parsed = JSON.parse(JSON.stringify(value));
        const stored = storableJson(parsed);
        const text = JSON.stringify(stored);
        expect(text).not.toContain('\\u0000');
        // Lone surrogates are written as escapes.
        expect(text).not.toMatch(/\\ud[89a-f]/);
        expect(storableJson(stored)).toEqual(stored);
        if (!/\\u(0000|d[89a-f])/.test(JSON.stringify(parsed))) {
          expect(stored).toEqual(parsed);
        }
      }),
    );
  });
});
