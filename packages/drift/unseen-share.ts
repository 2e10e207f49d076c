import { upperIncompleteGamma } from './incomplete-gamma.ts';
import { twoProportions } from './two-proportions.ts';

/**
 * Rows of one window in categories the other, `seen`, never saw. Even without drift some are, the more the longer the tail:
 * the share to expect is that of the rows of `seen` whose category no other of its rows has (Good, Biometrika 40, 1953).
 *
 * @param seen counts by category; @param other counts of the other window, in the same order
 * @returns `excess`: the share beyond the expected, at least 0. `pValue`, two-sided: the larger one of the test that both
 * shares are equal, and of a normal one with the estimate's own variance (Esty, Annals of Statistics 11, 1983), because rows of
 * one category are missing together
 */
export function unseenShare(
  seen: readonly number[],
  other: readonly number[],
): { readonly excess: number; readonly pValue: number } {
  const n = total(seen);
  const m = total(other);
  if (n === 0 || m === 0) return { excess: 0, pValue: 1 };
  const single = seen.filter((count) => count === 1).length;
  const double = seen.filter((count) => count === 2).length;
  const unseen = other.reduce((sum, count, k) => sum + (seen[k] === 0 ? count : 0), 0);
  const expected = single / n;
  const share = unseen / m;
  const equal = twoProportions(single, n, unseen, m);
  const variance = (single * (1 - expected) + 2 * double) / (n * n) + (share * (1 - share)) / m;
  const byEsty = variance === 0 ? 1 : upperIncompleteGamma(0.5, (share - expected) ** 2 / (2 * variance));
  return { excess: Math.max(0, share - expected), pValue: Math.max(equal, byEsty) };
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
