import { chiSquareSurvival } from './incomplete-gamma.ts';

/** Pearson's test of homogeneity on a 2 × K table. */
export interface ChiSquare {
  readonly statistic: number;
  readonly pValue: number;
  /** Categories with any row, less one. */
  readonly degreesOfFreedom: number;
  /** √(χ²/N) of the 2 × K table, in [0, 1]. */
  readonly cramersV: number;
}

/**
 * Homogeneity of two rows of counts over the same K categories, without Yates' correction. Categories without
 * any row are dropped; with one left, or with an empty row, nothing can differ and p = 1.
 */
export function chiSquare(reference: readonly number[], current: readonly number[]): ChiSquare {
  const n = total(reference);
  const m = total(current);
  let statistic = 0;
  let categories = 0;
  for (const [k, a] of reference.entries()) {
    const b = current[k] ?? 0;
    if (a + b === 0) continue;
    categories += 1;
    // Σ (o − e)²/e over both rows of one column, which both lie equally far from what is expected.
    const deviation = a - ((a + b) * n) / (n + m);
    statistic += (deviation * deviation * (n + m) * (n + m)) / ((a + b) * n * m);
  }
  if (categories < 2 || n === 0 || m === 0) {
    return { statistic: 0, pValue: 1, degreesOfFreedom: 0, cramersV: 0 };
  }
  return {
    statistic,
    pValue: chiSquareSurvival(statistic, categories - 1),
    degreesOfFreedom: categories - 1,
    cramersV: Math.min(1, Math.sqrt(statistic / (n + m))),
  };
}

/**
 * Cramér's V as it would be with rows of equal length, less what chance alone adds: √max(0, (χ² − dof)(1/n +
 * 1/m)/4). Plain V shrinks as one row outgrows the other, though nothing about the distributions changed.
 * After Bergsma, "A bias-correction for Cramér's V", J. Korean Stat. Soc. 42, 2013.
 */
export function correctedCramersV(test: ChiSquare, n: number, m: number): number {
  const squared = ((test.statistic - test.degreesOfFreedom) * (1 / n + 1 / m)) / 4;
  return Math.min(1, Math.sqrt(Math.max(0, squared)));
}

/**
 * Whether χ² would be a poor guide to its own p-value: an expected count below 1, or more than a quarter of
 * them below 5 (after Cochran, Biometrics 10, 1954).
 */
export function isSparse(reference: readonly number[], current: readonly number[]): boolean {
  const n = total(reference);
  const m = total(current);
  let cells = 0;
  let small = 0;
  for (const [k, a] of reference.entries()) {
    const sum = a + (current[k] ?? 0);
    if (sum === 0) continue;
    for (const expected of [(sum * n) / (n + m), (sum * m) / (n + m)]) {
      if (expected < 1) return true;
      cells += 1;
      if (expected < 5) small += 1;
    }
  }
  return small > cells / 4;
}

/**
 * Counts the rare categories together, those of which either row is expected to hold fewer than 5. Which
 * these are hangs on the pooled counts alone, so the test's level stands.
 */
export function poolRare(
  reference: readonly number[],
  current: readonly number[],
): { readonly reference: readonly number[]; readonly current: readonly number[] } {
  const n = total(reference);
  const m = total(current);
  const kept: [number, number][] = [];
  let restReference = 0;
  let restCurrent = 0;
  for (const [k, a] of reference.entries()) {
    const b = current[k] ?? 0;
    if (((a + b) * Math.min(n, m)) / (n + m) >= 5) kept.push([a, b]);
    else {
      restReference += a;
      restCurrent += b;
    }
  }
  kept.push([restReference, restCurrent]);
  return { reference: kept.map(([a]) => a), current: kept.map(([, b]) => b) };
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
