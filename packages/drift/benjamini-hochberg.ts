/**
 * Adjusted p-values that control the false discovery rate: the i-th smallest of k becomes min over j ≥ i of
 * p_(j)·k/j. In the order given. Benjamini & Hochberg, J. R. Stat. Soc. B 57, 1995; SciPy's
 * `false_discovery_control`.
 */
export function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const adjusted = pValues.map(() => 1);
  let smallest = 1;
  for (const [fromTop, { p, index }] of order.entries()) {
    smallest = Math.min(smallest, p * (pValues.length / (pValues.length - fromTop)));
    adjusted[index] = smallest;
  }
  return adjusted;
}
