import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { closestName, editDistance } from './closest-name.ts';

describe('the name that was probably meant', () => {
  test('is the one with a letter missing, doubled or wrong', () => {
    expect(closestName('commnd', ['command', 'timeout'])).toBe('command');
    expect(closestName('Timeouut', ['command', 'timeout'])).toBe('timeout');
    expect(closestName('modle', ['model', 'data'])).toBe('model');
  });

  test('is nobody where all are far off', () => {
    expect(closestName('colour', ['command', 'timeout'])).toBeUndefined();
  });

  test('the distance is a metric', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});
