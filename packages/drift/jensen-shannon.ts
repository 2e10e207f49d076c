/** Of two distributions; Lin, IEEE Trans. Inf. Theory 37, 1991. */
export interface JensenShannon {
  /** In nats, 0 to ln 2. */
  readonly divergence: number;
  /** √(divergence / ln 2), 0 to 1: SciPy's `jensenshannon(p, q, base=2)`. */
  readonly distance: number;
}

/**
 * Of two distributions given by counts over the same cells, without smoothing; 0·ln 0 = 0. Null where either
 * is empty.
 */
export function jensenShannon(
  reference: readonly number[],
  current: readonly number[],
): JensenShannon | null {
  const n = reference.reduce((sum, count) => sum + count, 0);
  const m = current.reduce((sum, count) => sum + count, 0);
  if (n === 0 || m === 0) return null;
  let divergence = 0;
  for (const [k, count] of reference.entries()) {
    const p = count / n;
    const q = (current[k] ?? 0) / m;
    const middle = (p + q) / 2;
    divergence += (relativeTerm(p, middle) + relativeTerm(q, middle)) / 2;
  }
  const bounded = Math.min(Math.LN2, Math.max(0, divergence));
  return { divergence: bounded, distance: Math.sqrt(bounded / Math.LN2) };
}

const relativeTerm = (p: number, q: number): number => (p === 0 ? 0 : p * Math.log(p / q));
