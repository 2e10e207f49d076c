import { expect, test } from '@jest/globals';
import { coloursFor, printable } from './colours.ts';

test('there is colour on a terminal only, and never with NO_COLOR', () => {
  const red = (isTTY: boolean, variables: Record<string, string>) =>
    coloursFor({ isTTY }, variables).red('x');
  expect(red(true, {})).not.toBe('x');
  expect(red(true, { NO_COLOR: '1' })).toBe('x');
  expect(red(true, { TERM: 'dumb' })).toBe('x');
  expect(red(false, { CI: 'true' })).toBe('x');
});

test('text from outside cannot steer the terminal', () => {
  expect(printable('a\u001b[2Jb\r\nc')).toBe('a [2Jb c');
});
