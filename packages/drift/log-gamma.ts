const halfLogTwoPi = 0.918_938_533_204_672_8;

/**
 * ln Γ(x) for x > 0, to about 1e-14 relative: Stirling's series from 15 on, below it the recurrence
 * Γ(x) = Γ(x + 1) / x. Abramowitz & Stegun 6.1.41.
 */
export function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 15) {
    product *= shifted;
    shifted += 1;
  }
  const square = 1 / (shifted * shifted);
  const series =
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188))))) / shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + series - Math.log(product);
}

/** ln of the binomial coefficient n over k, for 0 ≤ k ≤ n. */
export function logBinomial(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
