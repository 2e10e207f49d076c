import { kolmogorovSurvival } from './kolmogorov-law.ts';
import { greatestCommonDivisor, probabilityOfLeavingBand } from './lattice-paths.ts';

/** Up to this size of the larger sample the p-value is exact, as in SciPy's `ks_2samp`. */
const largestExact = 10_000;

/** A distance and how probable it is by chance. */
export interface KolmogorovSmirnov {
  /** D = max |F − G| over the pooled values, in [0, 1]. */
  readonly statistic: number;
  /** Two-sided; ties make it conservative. */
  readonly pValue: number;
}

/**
 * Two-sample, two-sided Kolmogorov–Smirnov test; the p-value as SciPy's `ks_2samp(method='auto')`.
 *
 * @param reference sorted ascending, not empty, without NaN; ±∞ are values like others
 * @param current likewise
 */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): KolmogorovSmirnov {
  const n = reference.length;
  const m = current.length;
  const difference = largestDifference(reference, current);
  return { statistic: difference / (n * m), pValue: kolmogorovSmirnovPValue(n, m, difference) };
}

/** @param difference D·n·m, an integer: the comparison of ranks stays exact up to 2^53 */
export function kolmogorovSmirnovPValue(n: number, m: number, difference: number): number {
  if (Math.max(n, m) <= largestExact) {
    return probabilityOfLeavingBand(n, m, difference / greatestCommonDivisor(n, m));
  }
  return kolmogorovSurvival(roundHalfToEven((n * m) / (n + m)), difference / (n * m));
}

/**
 * The effect without what chance alone adds: √max(0, D² − (π²/12)(1/n + 1/m)), where π²/12 is E[K²] of
 * Kolmogorov's limit law. Zero on average where nothing moved, D itself where there is much data.
 */
export function correctedDistance(statistic: number, n: number, m: number): number {
  return Math.sqrt(Math.max(0, statistic * statistic - (Math.PI ** 2 / 12) * (1 / n + 1 / m)));
}

/** D·n·m of two sorted samples. */
export function largestDifference(reference: Float64Array, current: Float64Array): number {
  const n = reference.length;
  const m = current.length;
  let largest = 0;
  let i = 0;
  let j = 0;
  while (i < n && j < m) {
    const a = reference[i] ?? 0;
    const b = current[j] ?? 0;
    const value = Math.min(a, b);
    while (i < n && (reference[i] ?? 0) <= value) i += 1;
    while (j < m && (current[j] ?? 0) <= value) j += 1;
    const difference = Math.abs(i * m - j * n);
    if (difference > largest) largest = difference;
  }
  return largest;
}

/** The distance that chance alone exceeds with probability alpha, by Kolmogorov's limit law: √(−ln(α/2)/2 · (1/n + 1/m)), at most 1. */
export const criticalDistance = (n: number, m: number, alpha: number): number =>
  Math.min(1, Math.sqrt((-Math.log(alpha / 2) / 2) * (1 / n + 1 / m)));

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
