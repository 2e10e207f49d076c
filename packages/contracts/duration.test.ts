import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { duration, milliseconds } from './duration.ts';

test.each([
  ['500ms', 500],
  ['0s', 0],
  ['30s', 30_000],
  ['10m', 600_000],
  ['72h', 259_200_000],
  ['30d', 2_592_000_000],
])('%s is %d ms', (text, expected) => {
  expect(milliseconds(duration.parse(text))).toBe(expected);
});

test.each(['', '30', 's', '1.5h', '-1s', '1 h', '1H', '1w', '10s ', '9999999999s'])(
  '"%s" is no duration',
  (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  },
);

test('a duration is at most a hundred years: from now on, that is still a date', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.constantFrom('ms', 's', 'm', 'h', 'd'),
      (count, unit) => {
        const parsed = duration.safeParse(`${count}${unit}`);
        fc.pre(parsed.success);
        const length = milliseconds(parsed.data);
        expect(Number.isSafeInteger(length)).toBe(true);
        expect(new Date(Date.now() + length).getTime()).toBeGreaterThanOrEqual(length);
      },
    ),
  );
  expect(duration.safeParse('36500d').success).toBe(true);
  for (const text of ['36501d', '876001h', '999999999d'])
    expect(duration.safeParse(text).success).toBe(false);
});
