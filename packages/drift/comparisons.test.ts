import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareSorted } from './kernels/compare-sorted.ts';
import { compareUnsorted } from './kernels/compare-unsorted.ts';
import { sortAscending } from './kernels/radix-sort.ts';
import { type ScannedValues, scanValues, squaredDeviations } from './kernels/scan-values.ts';
import { sortRange } from './kernels/sort-range.ts';
import { kolmogorovSmirnovPValue } from './kolmogorov-smirnov.ts';
import { measureColumn } from './measure-column.ts';
import answers from './oracle/generated-pairs.json' with { type: 'json' };
import { generatedPair } from './oracle/generated-pairs.ts';
import { compareWithDistinct } from './profile/compare-with-distinct.ts';
import { compareWithProfile, expandProfile } from './profile/compare-with-profile.ts';
import { mergeNumbers } from './profile/merge-numbers.ts';
import { exactRows, profileCells, profileNumbers } from './profile/numeric-profile.ts';
import { defaultDriftSettings } from './thresholds.ts';
import type { ValueComparison } from './value-comparison.ts';

const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.double({ noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, Number.MIN_VALUE, 1e308) },
);
const sample = fc.array(numbers, { minLength: 1, maxLength: 200 }).map((values) => Float64Array.from(values));
const both = (a: Float64Array, b: Float64Array) => Float64Array.of(...a, ...b);
const column = (values: Float64Array) =>
  ({ kind: 'numeric', name: 'x', type: 'numeric', role: 'feature', values }) as const;
/** Sums of numbers near the largest there is overflow either way. */
const modest = (values: Float64Array) =>
  values.every((x) => !(Math.abs(x) > 1e150) || Math.abs(x) === Infinity);
const expectSame = (one: ValueComparison, other: ValueComparison, scale: number) => {
  expect({ ...one, wasserstein: 0 }).toEqual({ ...other, wasserstein: 0 });
  if (Number.isFinite(other.wasserstein)) {
    expect(Math.abs(one.wasserstein - other.wasserstein)).toBeLessThanOrEqual(1e-9 * (scale + 1e-300));
  }
};
const scaleOf = (...sides: readonly ScannedValues[]) =>
  Math.max(0, ...sides.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]).filter(Number.isFinite));

describe('comparing without sorting', () => {
  test('gives what sorting gives, whatever the values', () => {
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: 2, max: 20 }), (x, y, bins) => {
        fc.pre(modest(x) && modest(y));
        const [a, b] = [scanValues(x), scanValues(y)];
        fc.pre(a.finite.length > 0 && b.finite.length > 0);
        expectSame(compareUnsorted(a, b, bins), compareSorted(a, b, bins), scaleOf(a, b));
      }),
      { numRuns: 300 },
    );
  });

  test('does not hang on the order of rows, and changes sides with its sides', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const [a, b] = [scanValues(x), scanValues(y)];
        fc.pre(a.finite.length > 0 && b.finite.length > 0 && modest(x) && modest(y));
        const turned = scanValues(x.slice().reverse());
        const straight = compareUnsorted(a, b, 10);
        expectSame(compareUnsorted(turned, b, 10), straight, scaleOf(a, b));
        expect(compareUnsorted(b, a, 10).difference).toBe(straight.difference);
      }),
    );
  });

  test('never changes the values it was given', () => {
    fc.assert(
      fc.property(sample, (x) => {
        const kept = x.slice();
        const scanned = scanValues(x);
        if (scanned.finite.length > 0) compareUnsorted(scanned, scanned, 10);
        expect(x).toEqual(kept);
      }),
    );
  });
});

test('sorting by digits gives what a typed array gives, −0 before 0', () => {
  const few = fc.array(numbers, { minLength: 1, maxLength: 30 }).filter((all) => !all.some(Number.isNaN));
  fc.assert(
    fc.property(few, fc.integer({ min: 2000, max: 9000 }), fc.boolean(), (kinds, length, isTied) => {
      const values = Float64Array.from({ length }, (_, i) => {
        const value = kinds[(i * 7919) % kinds.length] ?? 0;
        return isTied ? value : value * Math.sin(i) || 0;
      });
      const sorted = values.slice().sort();
      expect(Buffer.from(sortAscending(values).buffer).equals(Buffer.from(sorted.buffer))).toBe(true);
    }),
  );
});

test('sorting a stretch sorts that stretch alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 }), fc.nat(50), (values, from) => {
      const given = Float64Array.from(values);
      const to = Math.max(from, given.length - 5);
      fc.pre(from <= given.length && to <= given.length);
      const sorted = given.slice();
      sortRange(sorted, from, to);
      expect([...sorted.subarray(from, to)]).toEqual([...given.subarray(from, to)].sort((a, b) => a - b));
      expect([...sorted.subarray(0, from)]).toEqual([...given.subarray(0, from)]);
      expect([...sorted.subarray(to)]).toEqual([...given.subarray(to)]);
    }),
  );
});

describe('SciPy', () => {
  const check = (cases: readonly (readonly (number | null)[])[], largest: number) => {
    let wrong = 0;
    for (const [seed = 0, d, p, distance, spread] of cases) {
      const { x, y } = generatedPair(seed ?? 0, largest);
      const [a, b] = [scanValues(x), scanValues(y)];
      const compare =
        a.finite.length > 0 && b.finite.length > 0 ? [compareSorted, compareUnsorted] : [compareSorted];
      const pValues = new Map<number, number>();
      for (const each of compare) {
        const found = each(a, b, 10);
        const statistic = found.difference / (found.n * found.m);
        // The exact one of tens of thousands of rows takes longest, and both are to find the same difference.
        const pValue =
          pValues.get(found.difference) ?? kolmogorovSmirnovPValue(found.n, found.m, found.difference);
        pValues.set(found.difference, pValue);
        if (Math.abs(statistic - (d ?? 0)) > 1e-9) wrong += 1;
        // Two samples of equal size without ties always differ by 1/n: p is 1. SciPy's own sum is 1 + 2e-16 for n = 7, which it
        // takes for a failure and answers by its asymptotic law.
        const certain = found.n === found.m && found.difference === found.n;
        const expected = certain ? 1 : (p ?? 0);
        if (Math.abs(pValue - expected) > 1e-6 * Math.max(expected, 1e-290)) wrong += 1;
        // Relative to the values' size: SciPy's own sum carries that much rounding.
        if (
          distance != null &&
          Math.abs(found.wasserstein - distance) > 1e-9 * Math.max(1, distance, scaleOf(a, b) * 1e-6)
        ) {
          wrong += 1;
        }
      }
      const deviation = Math.sqrt(squaredDeviations(a) / (a.finite.length - 1));
      if (spread != null && Math.abs(deviation - spread) > 1e-9 * Math.max(1, spread)) wrong += 1;
    }
    return wrong;
  };

  test('agrees about 3,000 pairs: ties, constants, tiny samples, skew, infinities', () => {
    expect(answers.small).toHaveLength(3000);
    expect(check(answers.small, 120)).toBe(0);
  });

  test('agrees about pairs of up to 60,000 values', () => {
    expect(check(answers.large, 60_000)).toBe(0);
  }, 60_000);
});

describe('a profile', () => {
  test('of some rows merged with that of others is the profile of all of them', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const merged = mergeNumbers(profileNumbers(column(x)), profileNumbers(column(y)));
        expect(merged).toEqual(profileNumbers(column(both(x, y))));
      }),
    );
  });

  test('compares as its rows do while it is exact', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const expanded = expandProfile(profileNumbers(column(x)));
        if (expanded === null) throw new Error('a small profile is exact');
        const [a, b] = [scanValues(x), scanValues(y)];
        fc.pre(modest(x) && modest(y));
        expectSame(compareSorted(expanded, b, 10), compareSorted(a, b, 10), scaleOf(a, b));
      }),
    );
  });

  test('of few distinct values compares as its rows do, or says that they have to be written out', () => {
    // Few values on both sides, mostly the same ones; now and then one in between, which may change the sign of F − G.
    const tied = fc.constantFrom(-3, -0.5, -0, 0, 0.25, 1, 2, 1e9, Infinity, -Infinity, Number.NaN);
    const values = (strange: number) =>
      fc
        .array(fc.oneof({ weight: 60, arbitrary: tied }, { weight: strange, arbitrary: numbers }), {
          minLength: 20,
          maxLength: 200,
        })
        .map((all) => Float64Array.from(all));
    let compared = 0;
    fc.assert(
      fc.property(values(0), values(1), fc.integer({ min: 2, max: 20 }), (x, y, bins) => {
        const [a, b] = [scanValues(x), scanValues(y)];
        fc.pre(modest(x) && modest(y) && a.finite.length > 0 && b.finite.length > 0);
        const found = compareWithDistinct(profileNumbers(column(x)), b, bins);
        if (found === null) return;
        compared += 1;
        expectSame(found, compareSorted(a, b, bins), scaleOf(a, b));
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  test.each([
    [[-Number.MAX_VALUE, 0, 1]],
    [[0, Number.MAX_VALUE]],
    [[-Number.MIN_VALUE, 0, Number.MIN_VALUE]],
  ])('of the values %j only is compared as its rows are', (levels) => {
    const rows = (step: number) =>
      Float64Array.from({ length: 40_000 }, (_, i) => levels[Math.floor(i / step) % levels.length] ?? 0);
    const [x, y] = [
      column(rows(1)),
      column(rows(1 / 3).map((value, i) => (i % 5 === 0 ? (levels[0] ?? 0) : value))),
    ];
    const own = measureColumn(x, y, defaultDriftSettings, undefined);
    const found = measureColumn(profileNumbers(x), y, defaultDriftSettings, undefined);
    expect(found.statistics.ks).toEqual(own.statistics.ks);
    // The rows' own sums may overflow where those of a profile are not needed.
    const expected = compareSorted(scanValues(x.values), scanValues(y.values), 10).wasserstein;
    const { value } = found.statistics.wasserstein ?? own.statistics.wasserstein ?? { value: expected };
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * expected);
  });

  test.each([-1e300, -1e20, -1e12, -999_999])('is exact beside a value as far away as %d', (far) => {
    const rows = (share: number) =>
      Float64Array.from({ length: 40_000 }, (_, i) =>
        i % 100 === 0 ? far : Number((i * 7919) % 1000 >= share),
      );
    const [x, y] = [rows(500), rows(400)];
    const expected = compareSorted(scanValues(x), scanValues(y), 10).wasserstein;
    const found = compareWithDistinct(profileNumbers(column(x)), scanValues(y), 10);
    expect(found?.wasserstein).toBeCloseTo(expected, 12);
    // A value between two others would have to be told from a sum: by its value, or not at all.
    const between = y.map((value, i) => (i === 7 ? 0.25 : value));
    const seen = compareWithDistinct(profileNumbers(column(x)), scanValues(between), 10);
    if (seen !== null) {
      const sorted = compareSorted(scanValues(x), scanValues(between), 10).wasserstein;
      expect(seen.wasserstein).toBeCloseTo(sorted, 9);
    }
  });

  test('of many rows and few values is compared by these', () => {
    for (const type of ['numeric', 'discrete'] as const) {
      const values = (shift: number) =>
        Float64Array.from({ length: 50_000 }, (_, i) => Math.round(8 * Math.sin(i * 1.7 + shift)));
      const [x, y] = [
        { ...column(values(0)), type },
        { ...column(values(0.4)), type },
      ];
      const own = measureColumn(x, y, defaultDriftSettings, undefined);
      const found = measureColumn(profileNumbers(x), y, defaultDriftSettings, undefined);
      const { wasserstein, ...statistics } = own.statistics;
      expect(found).toMatchObject({ ...own, statistics });
      expect(found.statistics.wasserstein?.value).toBeCloseTo(wasserstein?.value ?? Number.NaN, 12);
    }
  });

  test('of more rows than it keeps knows D within its error, merged or not, heavy ties or not', () => {
    for (const seed of [5001, 5003, 5004, 5007, 5010, 5013, 5016, 5020]) {
      const { x, y } = generatedPair(seed, 60_000);
      const parts = [x, x.map((value) => value * 1.01 + 0.001)] as const;
      const [first, second] = [profileNumbers(column(parts[0])), profileNumbers(column(parts[1]))];
      const merged = mergeNumbers(first, second);
      const b = scanValues(y);
      const cases = [
        [first, scanValues(parts[0])],
        [merged, scanValues(both(...parts))],
      ] as const;
      for (const [profile, rows] of cases) {
        if (expandProfile(profile) !== null) continue;
        expect(profile.error).toBeLessThanOrEqual(4 / profileCells);
        const known = compareSorted(rows, b, 10);
        const found = compareWithProfile(profile, b, 10);
        const miss = (known.difference - found.difference) / (known.n * known.m);
        expect(Math.abs(miss)).toBeLessThanOrEqual(profile.error + 1e-12);
        expect(found.reference.reduce((sum, count) => sum + count, 0)).toBe(known.n);
        expect(found.current.reduce((sum, count) => sum + count, 0)).toBe(known.m);
      }
    }
  }, 60_000);

  test('is the sample itself up to its exact size', () => {
    const values = Float64Array.from({ length: exactRows }, (_, i) => Math.sin(i));
    expect(profileNumbers(column(values)).error).toBe(0);
    const more = Float64Array.from({ length: exactRows + 1 }, (_, i) => Math.sin(i));
    expect(profileNumbers(column(more)).error).toBeGreaterThan(0);
  });
});
