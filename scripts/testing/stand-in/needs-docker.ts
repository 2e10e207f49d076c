import { expect, test } from '@jest/globals';
import { describeWith, docker } from '../../../tests/optional-parts.ts';

test('what needs nothing', () => {
  expect(1 + 1).toBe(2);
});

describeWith(docker, 'what needs Docker', () => {
  test('is not run without it', () => {
    throw new Error('It was run.');
  });
});
