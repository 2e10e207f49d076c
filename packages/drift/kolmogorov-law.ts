import { durbinMatrixCdf } from './durbin-matrix.ts';
import { logBinomial } from './log-gamma.ts';
import { pelzGoodCdf } from './pelz-good.ts';

const { exp, log, log1p } = Math;

/**
 * P(D_n ≥ d) of the one-sample two-sided Kolmogorov–Smirnov statistic at finite n (SciPy's `kstwo.sf`), d in
 * [0, 1]. Which method is good where: Simard & L'Ecuyer, "Computing the two-sided Kolmogorov–Smirnov
 * distribution", J. Stat. Soft. 39(11), 2011.
 */
export function kolmogorovSurvival(n: number, d: number): number {
  const t = n * d;
  if (d >= 1) return 0;
  if (t <= 0.5) return 1;
  const tailWeight = t * d;
  if (d >= 0.5 || tailWeight > (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSurvival(n, d));
  const small = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4);
  return clip(1 - (small ? durbinMatrixCdf(n, d) : pelzGoodCdf(n, d)));
}

/**
 * Sums of more terms than this are taken at this many points: the terms lie on a bell of a width of 3 % of them at least, as long as
 * their sum is no smaller than the smallest double.
 */
const mostTerms = 2000;
/** From here on e^−x is 0 in doubles. */
const nothing = 746;

/**
 * P(D⁺_n ≥ d), the sum of Smirnov (1944) in logarithms. Twice this is the two-sided probability where both
 * sides cannot be exceeded at once (d ≥ ½), and to better than 1e-6 relative far in the tail.
 *
 * The terms vanish with all their slopes at both ends, where the trapezoidal rule is exact to rounding: for large n every
 * k-th term stands for k of them.
 */
export function oneSidedSurvival(n: number, d: number): number {
  // P ≤ exp(−2nd²), Massart 1990.
  if (2 * n * d * d > nothing) return 0;
  const last = Math.floor(n * (1 - d));
  const stride = Math.max(1, Math.ceil(last / mostTerms));
  let sum = 0;
  let logWays = 0;
  const logDistance = log(d);
  for (let j = 0; j <= last; j += stride) {
    const below = d + j / n;
    if (below >= 1) break;
    // One logarithm a term, begun anew now and then, so that its rounding errors do not add up.
    logWays = stride > 1 || j % 1024 === 0 ? logBinomial(n, j) : logWays + log((n - j + 1) / j);
    sum += stride * exp(logWays + (j - 1) * log(below) + (n - j) * log1p(-below) + logDistance);
  }
  return clip(sum);
}

const clip = (probability: number): number => Math.min(1, Math.max(0, probability));
