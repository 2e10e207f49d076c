import { describe, expect, test } from '@jest/globals';
import { outputTo } from './output.ts';

function streams() {
  const written: string[] = [];
  const noted: string[] = [];
  const stdout = { isTTY: true, write: (text: string) => written.push(text) };
  const stderr = { write: (text: string) => noted.push(text) };
  return { written, noted, streams: { stdout, stderr } };
}

const failure = { code: 'RunNotFound', message: 'There is no run x.', exit_code: 2 } as const;

describe('output', () => {
  test('is JSON alone where machines listen, on either stream, and never coloured', () => {
    const { written, noted, streams: to } = streams();
    const out = outputTo(to, {}, true);
    out.say('for people');
    out.data({ a: out.colours.red('x') });
    out.note('by the way');
    out.failure(failure);
    expect(written).toEqual(['{"a":"x"}\n']);
    expect(noted.map((line): unknown => JSON.parse(line))).toEqual([
      { note: 'by the way' },
      { error: failure },
    ]);
  });

  test('is lines where people read, and no JSON', () => {
    const { written, noted, streams: to } = streams();
    const out = outputTo(to, {}, false);
    out.say('for people');
    out.data({ a: 1 });
    out.failure(failure);
    expect([written, noted]).toEqual([['for people\n'], ['There is no run x. (RunNotFound)\n']]);
  });
});
