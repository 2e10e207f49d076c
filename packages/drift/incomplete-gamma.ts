import { logGamma } from './log-gamma.ts';

const epsilon = 1e-16;
const tiny = 1e-300;

/**
 * The regularised upper incomplete gamma function Q(a, x), a > 0, x ≥ 0: by the series of P below x = a + 1,
 * by Lentz's continued fraction above, where each converges quickly. Small values keep their relative
 * precision. Abramowitz & Stegun 6.5.29 and 6.5.31.
 */
export function upperIncompleteGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const logScale = a * Math.log(x) - x - logGamma(a);
  return x < a + 1
    ? 1 - Math.exp(logScale) * lowerSeries(a, x)
    : Math.exp(logScale) * continuedFraction(a, x);
}

/** P(χ² ≥ statistic) with this many degrees of freedom; with none, 1. */
export function chiSquareSurvival(statistic: number, degreesOfFreedom: number): number {
  return degreesOfFreedom <= 0 ? 1 : upperIncompleteGamma(degreesOfFreedom / 2, statistic / 2);
}

/** The statistic that χ² exceeds with this probability, by bisection; with no degrees of freedom, 0. */
export function chiSquareCritical(probability: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0) return 0;
  let low = 0;
  let high = degreesOfFreedom + 10;
  while (chiSquareSurvival(high, degreesOfFreedom) > probability) high *= 2;
  for (let step = 0; step < 100 && high - low > 1e-12 * high; step += 1) {
    const middle = (low + high) / 2;
    if (chiSquareSurvival(middle, degreesOfFreedom) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * epsilon; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < 1_000_000; i += 1) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < epsilon * 4) break;
  }
  return fraction;
}

const awayFromZero = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
