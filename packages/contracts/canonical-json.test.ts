import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, jsonObject } from './canonical-json.ts';
import { digestOf, sha256 } from './digest.ts';

/** The same value with its keys in another order, all the way down. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reordered(item)]),
  );
}

describe('canonical JSON', () => {
  test('is that of RFC 8785', () => {
    // Sections 3.2.2 and 3.2.3 of the RFC: numbers, escapes, and keys by UTF-16 code units.
    expect(canonicalJson({ numbers: [1e30, 4.5, 2e-3, 1e-27] })).toBe('{"numbers":[1e+30,4.5,0.002,1e-27]}');
    expect(canonicalJson('€$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
    const keys = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
    expect(Object.keys(JSON.parse(canonicalJson(keys)))).toEqual([
      '1',
      '\r',
      '\u0080',
      'ö',
      '€',
      '😀',
      '\ufb33',
    ]);
  });

  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('says what it was made from', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('leaves out keys without a value', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [undefined], [() => 1]])('refuses %p', (value) => {
    expect(() => canonicalJson(value)).toThrow();
    if (typeof value === 'number') expect(() => canonicalJson({ deep: [value] })).toThrow();
  });
});

test('a digest is the SHA-256 of the canonical JSON', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(digestOf({ b: 1, a: 2 })).toBe(sha256('{"a":2,"b":1}'));
});

test('a JSON object holds finite numbers, and no dates or functions', () => {
  expect(jsonObject.safeParse({ a: [1, null, { b: 'c' }] }).success).toBe(true);
  for (const value of [Number.NaN, new Date(), () => 1, 1n]) {
    expect(jsonObject.safeParse({ value }).success).toBe(false);
  }
  expect(jsonObject.safeParse([1]).success).toBe(false);
});
