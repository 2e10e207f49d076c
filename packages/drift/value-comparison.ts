/** What is known about the values of a column of numbers on both sides, before it is judged. */
export interface ValueComparison {
  /** Values in the sense of KS: infinities included, missing ones not. */
  readonly n: number;
  readonly m: number;
  /** D·n·m: an integer where both sides are known exactly. */
  readonly difference: number;
  /** How far D may lie above that: 0 where both sides are known exactly. */
  readonly error: number;
  /** ∫|F − G| over the finite values; NaN where a side has none. */
  readonly wasserstein: number;
  /** Inner edges of the PSI's cells, ascending. */
  readonly edges: readonly number[];
  /** Values in the cells between the edges: one more than edges. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
}
