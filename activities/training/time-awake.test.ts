import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { look, type Watched } from './time-awake.ts';

const every = 500;
const minute = 60_000;

/** Looks at these times, the log as it was when it was looked at. */
const looks = (times: readonly { readonly at: number; readonly log?: number }[]): Watched | null =>
  times.reduce<Watched | null>(
    (earlier, { at, log = 0 }) => look(earlier, { at, log_changed_at: log }, every),
    null,
  );
const steadily = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ at: from + index * every }));

describe('time awake', () => {
  test('is what passed between the looks', () => {
    expect(looks(steadily(1_000, 121))).toMatchObject({ running_ms: minute, quiet_ms: minute });
  });

  test('leaves out the night that a laptop was closed', () => {
    const night = 9 * 60 * minute;
    const before = steadily(0, 61);
    expect(looks([...before, ...steadily(night, 61)])).toMatchObject({
      running_ms: minute + every,
      quiet_ms: minute + every,
    });
  });

  test('counts in full where the machine is merely busy', () => {
    expect(looks([{ at: 0 }, { at: 4_000 }, { at: 8_000 }])).toMatchObject({ quiet_ms: 8_000 });
  });

  test('of silence begins anew with each new line, and ends with none that was before', () => {
    expect(looks([{ at: 0 }, { at: 500 }, { at: 1_000, log: 900 }])).toMatchObject({
      running_ms: 1_000,
      quiet_ms: 0,
    });
    expect(looks([{ at: 0, log: 1 }, ...steadily(500, 3).map(({ at }) => ({ at, log: 1 }))])).toMatchObject({
      quiet_ms: 1_500,
    });
  });

  test('counts nothing for a clock that is set back', () => {
    expect(looks([{ at: 10_000 }, { at: 4_000 }, { at: 4_500 }])).toMatchObject({ running_ms: 500 });
  });

  test('is never longer than the time that passed, and never shrinks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1 }), (gaps) => {
        let at = 0;
        let earlier = look(null, { at, log_changed_at: 0 }, every);
        for (const gap of gaps) {
          at += gap;
          const now = look(earlier, { at, log_changed_at: 0 }, every);
          expect(now.running_ms).toBeGreaterThanOrEqual(earlier.running_ms);
          earlier = now;
        }
        expect(earlier.running_ms).toBeLessThanOrEqual(at);
      }),
    );
  });
});
