/**
 * The difference of two correlated areas under the ROC curve with its variance: DeLong, DeLong and
 * Clarke-Pearson (1988), by midranks in O(n log n) as Sun and Xu (2014).
 */

export interface DelongResult {
  /** AUC of the first minus AUC of the second. */
  readonly difference: number;
  readonly variance: number;
}

/** @returns null with fewer than two rows of a class, where there is no variance to estimate */
export function delong(truth: Uint8Array, first: Float64Array, second: Float64Array): DelongResult | null {
  const a = components(truth, first);
  const b = components(truth, second);
  if (a.positives.length < 2 || a.negatives.length < 2) return null;
  const ofPositives = a.positives.map((value, i) => value - (b.positives[i] ?? 0));
  const ofNegatives = a.negatives.map((value, i) => value - (b.negatives[i] ?? 0));
  const variance =
    varianceOf(ofPositives) / ofPositives.length + varianceOf(ofNegatives) / ofNegatives.length;
  return { difference: mean(ofPositives), variance };
}

/**
 * Share of the negatives below each positive, and share of the positives above each negative; ties count
 * half.
 */
function components(truth: Uint8Array, predicted: Float64Array) {
  const positives = predicted.filter((_, row) => truth[row] === 1);
  const negatives = predicted.filter((_, row) => truth[row] !== 1);
  const all = midranks(predicted);
  const amongPositives = midranks(positives);
  const amongNegatives = midranks(negatives);
  const above = all
    .filter((_, row) => truth[row] === 1)
    .map((rank, i) => (rank - (amongPositives[i] ?? 0)) / negatives.length);
  const below = all
    .filter((_, row) => truth[row] !== 1)
    .map((rank, i) => 1 - (rank - (amongNegatives[i] ?? 0)) / positives.length);
  return { positives: above, negatives: below };
}

/** Ranks from 1 on, tied values sharing the mean of theirs; in the order of the values given. */
export function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    const value = values[order[start] ?? 0];
    let end = start;
    while (end < order.length && values[order[end] ?? 0] === value) end += 1;
    for (let i = start; i < end; i += 1) ranks[order[i] ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

function varianceOf(values: Float64Array): number {
  const centre = mean(values);
  return values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1);
}
