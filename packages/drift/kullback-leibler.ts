const smallest = 1e-10;

/**
 * KL(p ‖ q) = Σ p·ln(p/q) in nats, both given by counts over the same categories; probabilities are clipped
 * at 1e-10 before the ratio, so that a category q never saw gives a large number and not infinity. Null where
 * either is empty.
 */
export function kullbackLeibler(p: readonly number[], q: readonly number[]): number | null {
  const n = p.reduce((sum, count) => sum + count, 0);
  const m = q.reduce((sum, count) => sum + count, 0);
  if (n === 0 || m === 0) return null;
  let divergence = 0;
  for (const [k, count] of p.entries()) {
    const share = count / n;
    const other = (q[k] ?? 0) / m;
    divergence += share * Math.log(Math.max(share, smallest) / Math.max(other, smallest));
  }
  return Math.max(0, divergence);
}
