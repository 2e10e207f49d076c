import { describe, expect, test } from '@jest/globals';
import { classLabel, classLabels, numbers } from './class-labels.ts';

describe('classLabel', () => {
  test.each([[1], [true], ['1'], [1.0]])('%p is the class "1"', (value) => {
    expect(classLabel(value)).toBe('1');
  });
  test('keeps other classes apart', () => {
    expect(new Set([0.5, 0, 'late', '01'].map(classLabel)).size).toBe(4);
  });
});

test('classes and numbers of a column, row by row', () => {
  const texts = { kind: 'texts', values: ['1', null, 'x'] } as const;
  const values = { kind: 'numbers', values: Float64Array.of(1, Number.NaN, 0.5) } as const;
  expect(classLabels(texts)).toEqual(['1', '', 'x']);
  expect(classLabels(values)).toEqual(['1', '', '0.5']);
  expect([...numbers(texts)]).toEqual([1, Number.NaN, Number.NaN]);
  expect(numbers(values)).toBe(values.values);
});
