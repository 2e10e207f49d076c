import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { chiSquare } from './chi-square.ts';
import { jensenShannon } from './jensen-shannon.ts';
import { countBetween, quantileEdges } from './kernels/compare-sorted.ts';
import { kolmogorovSurvival } from './kolmogorov-law.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { populationStability } from './population-stability-index.ts';

const sample = fc
  .array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((values) => Float64Array.from(values).sort());
const counts = fc
  .array(fc.tuple(fc.nat(200), fc.nat(200)), { minLength: 1, maxLength: 20 })
  .filter((cells) => cells.some(([a]) => a > 0) && cells.some(([, b]) => b > 0))
  .map((cells) => ({ a: cells.map(([a]) => a), b: cells.map(([, b]) => b) }));

describe('KS', () => {
  test('is symmetric and lies in [0, 1], and so does its p-value', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const one = kolmogorovSmirnov(x, y);
        const other = kolmogorovSmirnov(y, x);
        expect(other.statistic).toBe(one.statistic);
        expect(other.pValue).toBeCloseTo(one.pValue, 10);
        expect(Math.min(one.statistic, one.pValue)).toBeGreaterThanOrEqual(0);
        expect(Math.max(one.statistic, one.pValue)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('of a sample with itself is 0 with p = 1', () => {
    fc.assert(
      fc.property(sample, (x) => {
        expect(kolmogorovSmirnov(x, x)).toEqual({ statistic: 0, pValue: 1 });
      }),
    );
  });

  test('does not change when both samples are stretched by an increasing function', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const cubed = (values: Float64Array) =>
          values.map((value) => Math.sign(value) * Math.log1p(Math.abs(value)));
        const small = (values: Float64Array) =>
          values.filter((value) => Math.abs(value) < 1e6 && Number.isInteger(value));
        fc.pre(small(x).length > 0 && small(y).length > 0);
        expect(kolmogorovSmirnov(cubed(small(x)), cubed(small(y)))).toEqual(
          kolmogorovSmirnov(small(x), small(y)),
        );
      }),
    );
  });

  test('has a law that falls as the distance grows, whatever method covers it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, d) => {
        const p = kolmogorovSurvival(n, d);
        expect(kolmogorovSurvival(n, Math.min(1, d + 0.01))).toBeLessThanOrEqual(p + 1e-9);
      }),
      { numRuns: 50 },
    );
  });
});

describe('measures over cells', () => {
  test('are symmetric where they should be, and in their ranges', () => {
    fc.assert(
      fc.property(counts, ({ a, b }) => {
        const js = jensenShannon(a, b);
        expect(jensenShannon(b, a)?.divergence).toBeCloseTo(js?.divergence ?? Number.NaN, 12);
        expect(js?.distance).toBeLessThanOrEqual(1);
        const test = chiSquare(a, b);
        expect(chiSquare(b, a).statistic).toBeCloseTo(test.statistic, 8);
        expect(test.pValue).toBeGreaterThanOrEqual(0);
        expect(test.pValue).toBeLessThanOrEqual(1);
        const cells = a.map((reference, k) => ({ label: `${k}`, reference, current: b[k] ?? 0 }));
        const psi = populationStability(cells, 0.05);
        expect(psi.value).toBeGreaterThanOrEqual(0);
        expect(psi.corrected).toBeLessThanOrEqual(psi.value);
      }),
    );
  });

  test('do not change with the order of the cells', () => {
    fc.assert(
      fc.property(counts, ({ a, b }) => {
        const turned = chiSquare([...a].reverse(), [...b].reverse());
        expect(turned.statistic).toBeCloseTo(chiSquare(a, b).statistic, 8);
      }),
    );
  });
});

test('quantile cells hold every value once', () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: 2, max: 20 }), (x, y, bins) => {
      const edges = quantileEdges(x, bins);
      const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
      expect(sum(countBetween(x, edges))).toBe(x.length);
      expect(sum(countBetween(y, edges))).toBe(y.length);
      expect(edges.length).toBeLessThan(bins);
    }),
  );
});

test('adjusted p-values are no smaller than the raw ones and keep their order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (p) => {
      const adjusted = benjaminiHochberg(p);
      for (const [i, value] of adjusted.entries()) {
        expect(value).toBeGreaterThanOrEqual(p[i] ?? 1);
        expect(value).toBeLessThanOrEqual(1);
      }
      const order = p.map((_, i) => i).sort((i, j) => (p[i] ?? 0) - (p[j] ?? 0));
      const sorted = order.map((i) => adjusted[i] ?? 0);
      expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
    }),
  );
});
