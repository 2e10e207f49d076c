import { type ChiSquare, chiSquare, isSparse, poolRare } from './chi-square.ts';
import { fisherExact } from './two-proportions.ts';
import { uniformNumbers } from './uniform-numbers.ts';

/** Tables of more rows than this are never resampled: their rare categories are counted together. */
const mostRows = 50_000;
const mostTables = 9_999;
/** Draws all tables of one test may cost. */
const mostDraws = 20_000_000;
/** After this many tables as far from homogeneous as the observed one, p is known well enough. */
const enough = 20;

/**
 * χ² homogeneity of two rows of counts; where the table is sparse its p-value comes from Fisher's exact test (two
 * categories) or from resampled tables with the same margins (Monte Carlo; Besag & Clifford 1991 stop early). Where no
 * resampled table is as extreme, and for tables too large to resample, from χ² with rare categories counted together.
 * The same counts give the same p.
 */
export function homogeneity(reference: readonly number[], current: readonly number[]): ChiSquare {
  const test = chiSquare(reference, current);
  if (test.degreesOfFreedom === 0 || !isSparse(reference, current)) return test;
  const n = total(reference);
  const m = total(current);
  if (test.degreesOfFreedom === 1) {
    const cells = reference.flatMap((a, k) =>
      a + (current[k] ?? 0) > 0 ? [[a, current[k] ?? 0] as const] : [],
    );
    const [[a, b]] = [cells[0] ?? [0, 0]];
    return { ...test, pValue: fisherExact(a, n, b, m) };
  }
  const pooled = poolRare(reference, current);
  const pooledTest = chiSquare(pooled.reference, pooled.current);
  if (n + m > mostRows) return pooledTest;
  const resampled = resample(reference, current, test.statistic);
  if (resampled.asExtreme > 0) return { ...test, pValue: resampled.pValue };
  return { ...test, pValue: Math.min(resampled.pValue, pooledTest.pValue) };
}

/** Draws which rows are the smaller side's, without replacement, and compares χ² with the observed one. */
function resample(reference: readonly number[], current: readonly number[], observed: number) {
  const n = total(reference);
  const m = total(current);
  const drawn = Math.min(n, m);
  const sums = reference.map((a, k) => a + (current[k] ?? 0));
  const category = new Uint32Array(n + m);
  let at = 0;
  for (const [k, sum] of sums.entries()) {
    category.fill(k, at, at + sum);
    at += sum;
  }
  const uniform = uniformNumbers(n * 31 + m);
  const counts = new Float64Array(sums.length);
  const tables = Math.max(99, Math.min(mostTables, Math.floor(mostDraws / (drawn + sums.length))));
  // χ² = N²/(nm)·Σ a²/s − const: as extreme is as large a Σ a²/s of the drawn side.
  const constant = drawn / (n + m);
  const unit = ((n + m) * (n + m)) / (n * m);
  const bound = observed * (1 - 1e-9);
  let asExtreme = 0;
  for (let table = 1; table <= tables; table += 1) {
    counts.fill(0);
    for (let i = 0; i < drawn; i += 1) {
      const j = i + Math.floor(uniform() * (n + m - i));
      const taken = category[j] ?? 0;
      category[j] = category[i] ?? 0;
      category[i] = taken;
      counts[taken] = (counts[taken] ?? 0) + 1;
    }
    let statistic = 0;
    for (let k = 0; k < counts.length; k += 1) {
      const sum = sums[k] ?? 0;
      if (sum === 0) continue;
      const deviation = (counts[k] ?? 0) - sum * constant;
      statistic += (deviation * deviation) / sum;
    }
    if (statistic * unit >= bound) asExtreme += 1;
    if (asExtreme >= enough) return { asExtreme, pValue: asExtreme / table };
  }
  return { asExtreme, pValue: (asExtreme + 1) / (tables + 1) };
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
