import { chiSquare } from './chi-square.ts';
import { logBinomial } from './log-gamma.ts';

/** Below this expected count the test is Fisher's exact one. */
const fewest = 10;

/**
 * Two-sided p-value that two shares are the same: Pearson's χ² on the 2 × 2 table, or Fisher's exact test
 * where an expected count is below 10.
 *
 * @param hits rows of the reference that count, out of `n`; @param currentHits likewise of the current, out
 * of `m`
 */
export function twoProportions(hits: number, n: number, currentHits: number, m: number): number {
  const positive = hits + currentHits;
  const negative = n + m - positive;
  if (n === 0 || m === 0 || positive === 0 || negative === 0) return 1;
  if ((Math.min(positive, negative) * Math.min(n, m)) / (n + m) >= fewest) {
    return chiSquare([hits, n - hits], [currentHits, m - currentHits]).pValue;
  }
  return fisherExact(hits, n, currentHits, m);
}

/**
 * Fisher's exact test, two-sided: the probability of all tables with these margins that are no likelier than
 * this one.
 */
export function fisherExact(hits: number, n: number, currentHits: number, m: number): number {
  const positive = hits + currentHits;
  const all = logBinomial(n + m, positive);
  const logProbability = (k: number) => logBinomial(n, k) + logBinomial(m, positive - k) - all;
  // The tolerance SciPy and R use, so that a table as likely as the observed one is counted in spite of rounding.
  const bound = logProbability(hits) + Math.log1p(1e-7);
  let sum = 0;
  for (let k = Math.max(0, positive - m); k <= Math.min(n, positive); k += 1) {
    const term = logProbability(k);
    if (term <= bound) sum += Math.exp(term);
  }
  return Math.min(1, sum);
}
