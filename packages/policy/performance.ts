import type { Performance } from '@watchtower/contracts';

/**
 * Below this a value at promotion is no fair measure of a change: a score (higher is better) of 0.001 that
 * becomes 0.002 has not doubled in quality. Errors (lower is better) are measured by themselves, however
 * small, since zero is perfect; theirs is only the noise of floating point.
 */
const smallestScore = 0.01;
const smallestError = 1e-9;

/** A decline is reported up to this, either way: a hundred times the value at promotion. */
const largestDecline = 100;

/**
 * The champion's primary metric now and then. `decline` is the change in the worse direction as a share of
 * the size of the value at promotion (of 0.01, where a score is nearer to zero than that), rounded to nine
 * decimals, so that 0.70 becoming 0.665 is 5 % in floating point, too.
 */
export function performanceOf(measured: Omit<Performance, 'decline'>): Performance {
  const { direction, at_promotion, latest } = measured;
  const worse = direction === 'maximize' ? at_promotion - latest : latest - at_promotion;
  const smallest = direction === 'maximize' ? smallestScore : smallestError;
  const share = worse / Math.max(Math.abs(at_promotion), smallest);
  const decline = Math.min(largestDecline, Math.max(-largestDecline, share));
  // Adding zero makes a negative zero positive: it would not survive JSON.
  return { ...measured, decline: Math.round(decline * 1e9) / 1e9 + 0 };
}
