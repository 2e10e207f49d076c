import { describe, expect, test } from '@jest/globals';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { chiSquare } from './chi-square.ts';
import { chiSquareCritical, chiSquareSurvival } from './incomplete-gamma.ts';
import { jensenShannon } from './jensen-shannon.ts';
import { kolmogorovSurvival } from './kolmogorov-law.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import adjustments from './oracle/benjamini-hochberg.json' with { type: 'json' };
import categories from './oracle/categories.json' with { type: 'json' };
import tails from './oracle/chi-square-tails.json' with { type: 'json' };
import law from './oracle/kolmogorov-law.json' with { type: 'json' };
import pairs from './oracle/kolmogorov-smirnov.json' with { type: 'json' };
import large from './oracle/large-samples.json' with { type: 'json' };
import tables from './oracle/two-by-two.json' with { type: 'json' };
import { fisherExact } from './two-proportions.ts';

/** What oracle/generate.py wrote down of SciPy. Statistics agree to 1e-9, p-values to 1e-6 relative. */
const near = (actual: number, expected: number): boolean => Math.abs(actual - expected) <= 1e-9;
const alike = (actual: number, expected: number): boolean =>
  Math.abs(actual - expected) <= 1e-6 * Math.max(expected, 1e-290);

const numbers = (values: readonly (number | string)[]): Float64Array =>
  Float64Array.from(values, (value) =>
    value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value),
  ).sort();

describe('SciPy agrees', () => {
  test('on KS of small samples: ties, constants, skew, infinities', () => {
    const wrong = pairs.filter(({ x, y, d, p }) => {
      const ks = kolmogorovSmirnov(numbers(x), numbers(y));
      return !near(ks.statistic, d) || !alike(ks.pValue, p);
    });
    expect(pairs.length).toBeGreaterThan(250);
    expect(wrong).toEqual([]);
  });

  test('on KS of large samples, exact up to 10,000 rows and by the finite-n law beyond', () => {
    const wrong = large.flatMap(({ n, m, shift, d, p }) => {
      const x = Float64Array.from({ length: n }, (_, i) => i / n);
      const y = Float64Array.from({ length: m }, (_, i) => i / m + shift);
      const ks = kolmogorovSmirnov(x, y);
      return near(ks.statistic, d) && alike(ks.pValue, p) ? [] : [{ n, m, shift, d, p, ks }];
    });
    expect(wrong).toEqual([]);
  });

  test("on Kolmogorov's law at finite n", () => {
    const wrong = law.flatMap(({ n, d, p }) => {
      const own = kolmogorovSurvival(n, d);
      return alike(own, p) ? [] : [{ n, d, p, own }];
    });
    expect(wrong).toEqual([]);
  });

  test('on χ², Jensen–Shannon and KL of counts', () => {
    const wrong = categories.filter(({ reference, current, chi2, p, dof, js, kl }) => {
      const test = chiSquare(reference, current);
      const distance = jensenShannon(reference, current)?.distance ?? Number.NaN;
      const divergence = kullbackLeibler(reference, current) ?? Number.NaN;
      const sameTest =
        Math.abs(test.statistic - chi2) <= 1e-9 * Math.max(1, chi2) && test.degreesOfFreedom === dof;
      return !(sameTest && alike(test.pValue, p) && near(distance, js) && near(divergence, Math.max(0, kl)));
    });
    expect(wrong).toEqual([]);
  });

  test('on the tails of χ²', () => {
    const wrong = tails.filter(({ x, dof, p }) => !alike(chiSquareSurvival(x, dof), p));
    expect(wrong).toEqual([]);
    expect(chiSquareCritical(0.05, 9)).toBeCloseTo(16.918977604620448, 9);
  });

  test("on Fisher's exact test", () => {
    const wrong = tables.filter(
      ({ hits, n, current_hits, m, p }) => !alike(fisherExact(hits, n, current_hits, m), p),
    );
    expect(wrong).toEqual([]);
  });

  test('on the Benjamini–Hochberg adjustment', () => {
    for (const { p, adjusted } of adjustments) {
      for (const [index, value] of benjaminiHochberg(p).entries()) {
        expect(value).toBeCloseTo(adjusted[index] ?? Number.NaN, 12);
      }
    }
  });
});
