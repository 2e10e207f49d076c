import { describe, expect, test } from '@jest/globals';
import { chiSquare } from './chi-square.ts';
import { jensenShannon } from './jensen-shannon.ts';
import { kolmogorovSurvival } from './kolmogorov-law.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { normalizedDistance, wassersteinDistance } from './wasserstein.ts';

const range = (from: number, to: number) => Float64Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Vectors worked out beside the definitions, independent of any library. */
describe('the vectors of the definitions', () => {
  test('KS of 1..10 and 3..14', () => {
    const result = kolmogorovSmirnov(range(1, 10), range(3, 14));
    expect(result.statistic).toBeCloseTo(1 / 3, 14);
    expect(result.pValue).toBeCloseTo(0.4769564801, 10);
  });

  test('KS with ties', () => {
    const result = kolmogorovSmirnov(Float64Array.of(1, 1, 2, 2, 3), Float64Array.of(1, 2, 2, 3, 3, 3));
    expect(result.statistic).toBeCloseTo(0.3, 14);
    expect(result.pValue).toBeCloseTo(0.8961038961, 10);
  });

  test("KS by the one-sample law at the effective size, SciPy's asymptotic p-value", () => {
    expect(kolmogorovSurvival(5, 1 / 3)).toBeCloseTo(0.5328526749, 9);
  });

  test('Wasserstein of 1..10 and 3..14, in units and in standard deviations of the reference', () => {
    const distance = wassersteinDistance(range(1, 10), range(3, 14));
    expect(distance).toBeCloseTo(3, 12);
    // By the deviation the definition names (ddof 1); its vector, 1.0444659357, divides by that of ddof 0.
    expect(normalizedDistance(distance, Math.sqrt(82.5 / 9))).toBeCloseTo(0.9908673886, 10);
    // A constant reference has a floor; a deviation beyond the largest double has no distances in it.
    expect(normalizedDistance(3, 0)).toBe(3000);
    expect(normalizedDistance(1e307, Number.POSITIVE_INFINITY)).toBeNull();
  });

  test('Jensen–Shannon and KL of four categories', () => {
    const js = jensenShannon([50, 30, 20, 0], [40, 30, 25, 5]);
    expect(js?.distance).toBeCloseTo(0.1761353446, 10);
    expect(Math.sqrt(js?.divergence ?? 0)).toBeCloseTo(0.1466422933, 10);
    expect(kullbackLeibler([50, 30, 20, 0], [40, 30, 25, 5])).toBeCloseTo(0.0669430654, 10);
  });

  test('χ² of two 2 × K tables, without Yates', () => {
    const four = chiSquare([50, 30, 20, 0], [40, 30, 25, 5]);
    expect(four.statistic).toBeCloseTo(6.6666667, 7);
    expect(four.pValue).toBeCloseTo(0.0833163055, 10);
    expect(four.degreesOfFreedom).toBe(3);
    expect(chiSquare([50, 50], [40, 60]).pValue).toBeCloseTo(0.15521848968, 10);
  });
});
