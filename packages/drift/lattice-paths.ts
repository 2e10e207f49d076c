/** Above this D²·nm/(n + m) even 2·exp(−2z²) is below the smallest number there is. */
const certainlyZero = 400;

/**
 * P(D_{n,m} ≥ h / lcm(n, m)) when both samples come from one continuous distribution, exact: every order of
 * the pooled sample is a path from (0, 0) to (n, m), and the statistic reaches the bound where the path leaves
 * a band around the diagonal. Steps: the band's area, at most n·m.
 *
 * @param h the bound in units of 1 / lcm(n, m), an integer
 */
export function probabilityOfLeavingBand(n: number, m: number, h: number): number {
  if (h <= 0) return 1;
  const divisor = greatestCommonDivisor(n, m);
  const distance = (h * divisor) / (n * m);
  if ((distance * distance * n * m) / (n + m) > certainlyZero) return 0;
  return n === m ? squareGrid(n, h) : rectangularGrid(n, m, h, divisor);
}

/**
 * From (i, j) the last step came from (i − 1, j) with probability i/(i + j), else from (i, j − 1). Working with
 * the probability of having been outside, and not of never having been, keeps the digits of small tails.
 */
function rectangularGrid(n: number, m: number, h: number, divisor: number): number {
  const stepX = m / divisor;
  const stepY = n / divisor;
  const reciprocal = Float64Array.from({ length: n + m + 1 }, (_, sum) => (sum === 0 ? 0 : 1 / sum));
  // left[j]: the share of paths to (i, j) that were outside at some point.
  const left = new Float64Array(m + 1).fill(1);
  for (let i = 0; i <= n; i += 1) {
    const low = Math.max(0, Math.floor((i * stepX - h) / stepY) + 1);
    const high = Math.min(m, Math.ceil((i * stepX + h) / stepY) - 1);
    if (low > high) return 1;
    let previous = low > 0 ? 1 : 0;
    if (low > 0) left[low - 1] = 1;
    for (let j = low; j <= high; j += 1) {
      const weight = reciprocal[i + j] ?? 0;
      previous = (left[j] ?? 1) * (i * weight) + previous * (j * weight);
      left[j] = previous;
    }
  }
  return left[m] ?? 1;
}

/** Equal sizes: 2 Σ (−1)^(k−1) C(2n, n − kh) / C(2n, n), by reflection (Gnedenko & Korolyuk 1951). */
function squareGrid(n: number, h: number): number {
  let ratio = 1;
  let sum = 0;
  let sign = 1;
  for (let i = 1; i <= n; i += 1) {
    ratio *= (n - i + 1) / (n + i);
    if (i % h === 0) {
      sum += sign * ratio;
      sign = -sign;
    }
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

export function greatestCommonDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
