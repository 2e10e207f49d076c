import { describe, expect, test } from '@jest/globals';
import { outputTo, printable, table } from './output.ts';

function streams(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) };
  return { written, streams: { stdout: stream, stderr: { write: () => true } } };
}

describe('output', () => {
  test('is JSON alone where machines listen', () => {
    const to = streams(true);
    const out = outputTo(to.streams, {}, true);
    out.say('for people');
    out.data({ a: 1 });
    expect(to.written).toEqual(['{"a":1}\n']);
  });

  test('is coloured on a terminal only, and never with NO_COLOR', () => {
    const red = (isTTY: boolean, variables: Record<string, string>) =>
      outputTo(streams(isTTY).streams, variables, false).colours.red('x');
    expect(red(true, {})).not.toBe('x');
    expect(red(true, { NO_COLOR: '1' })).toBe('x');
    expect(red(false, { CI: 'true' })).toBe('x');
  });

  test('tables are plain columns', () => {
    const { colours } = outputTo(streams(false).streams, {}, false);
    expect(table(['A', 'LONG'], [['1', '2']], colours)).toBe('A  LONG\n1  2');
  });

  test('text from outside cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\r\nc')).toBe('a [2Jb c');
  });
});
