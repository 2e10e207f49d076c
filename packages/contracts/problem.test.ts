import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { fieldPath, fieldProblems } from './problem.ts';

const shape = z.strictObject({
  name: z.string(),
  windows: z.record(
    z.string().regex(/^[a-z]+$/, 'lower case'),
    z.union([z.strictObject({ from: z.iso.date(), to: z.iso.date() }), z.strictObject({ last: z.string() })]),
  ),
  list: z.array(z.int()).default([]),
});

const problems = (value: unknown) => {
  const parsed = shape.safeParse(value);
  return parsed.success
    ? []
    : fieldProblems(parsed.error, 'body').map(({ path, message }) => `${path}: ${message}`);
};

describe('field problems', () => {
  test('name each unknown field by itself', () => {
    expect(problems({ name: 'a', windows: {}, nam: 1, lst: 2 })).toEqual([
      'body.nam: there is no such field',
      'body.lst: there is no such field',
    ]);
  });

  test('say that a field is missing', () => {
    expect(problems({ windows: {} })).toEqual(['body.name: is missing (string)']);
  });

  test('are those of the alternative that was meant', () => {
    expect(problems({ name: 'a', windows: { w: { from: '2013-01-01', too: 'x' } } })).toEqual([
      'body.windows.w.to: is missing (string)',
      'body.windows.w.too: there is no such field',
    ]);
  });

  test('say which name is not possible', () => {
    expect(problems({ name: 'a', windows: { W: { last: '7d' } } })).toEqual([
      'body.windows.W: not a possible name: lower case',
    ]);
  });

  test('write places in lists as indices', () => {
    expect(problems({ name: 'a', windows: {}, list: [1, 'x'] })).toEqual([
      expect.stringMatching(/^body\.list\[1\]: /),
    ]);
    expect(fieldPath([])).toBe('');
  });
});
