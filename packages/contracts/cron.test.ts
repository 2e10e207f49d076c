import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cronProblem } from './cron.ts';
import { timeZoneProblem } from './time-zone.ts';

test.each(['0 6 * * 1', '*/15 0-6,12 1-31/2 JAN-mar mon,WED', '59 23 31 12 7', '0  6\t* * sun'])(
  'the cron expression %p is taken',
  (expression) => {
    expect(cronProblem(expression)).toBeNull();
  },
);

test.each([
  ['60 * * * *', 'minute was "60"; it is *, a number from 0 to 59'],
  ['0 24 * * *', 'hour was "24"'],
  ['0 6 0 * *', 'day of the month was "0"'],
  ['0 6 * 13 *', 'month was "13"'],
  ['0 6 * * 8', 'day of the week was "8"'],
  ['0 6 * * Monday', 'day of the week was "Monday"'],
  ['0 18-6 * * *', 'hour was "18-6"'],
  ['*/0 * * * *', 'minute was "*/0"'],
  ['0 6 1, * *', 'day of the month was ""'],
  ['a b c d e', 'minute was "a"'],
  ['0 6 * * 1 2026', 'five fields'],
  ['@daily', 'five fields'],
])('the cron expression %p is refused, and the field is named', (expression, problem) => {
  expect(cronProblem(expression)).toContain(problem);
});

test('a minute is taken exactly where the clock has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), (minute) => {
      expect(cronProblem(`${minute} * * * *`) === null).toBe(minute < 60);
    }),
  );
});

test.each(['UTC', 'Etc/UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Calcutta'])(
  'the time zone %p is taken',
  (name) => {
    expect(timeZoneProblem(name)).toBeNull();
  },
);

test.each(['Europe/Atlantis', '+02:00', '', '../etc/passwd', 'europe/berlin'])(
  'the time zone %p is refused',
  (name) => {
    expect(timeZoneProblem(name)).toContain(`"${name}" is `);
  },
);
