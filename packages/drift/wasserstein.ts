/**
 * First Wasserstein distance ∫|F − G| of two samples, in the values' unit; NaN where either is empty. SciPy's
 * `wasserstein_distance`.
 *
 * @param before sorted ascending, finite; @param after likewise
 */
export function wassersteinDistance(before: Float64Array, after: Float64Array): number {
  const n = before.length;
  const m = after.length;
  if (n === 0 || m === 0) return Number.NaN;
  let distance = 0;
  let i = 0;
  let j = 0;
  let at = Math.min(before[0] ?? 0, after[0] ?? 0);
  while (i < n || j < m) {
    const next = Math.min(
      i < n ? (before[i] ?? 0) : Number.POSITIVE_INFINITY,
      j < m ? (after[j] ?? 0) : Number.POSITIVE_INFINITY,
    );
    distance += Math.abs(i / n - j / m) * (next - at);
    at = next;
    while (i < n && before[i] === at) i += 1;
    while (j < m && after[j] === at) j += 1;
  }
  return distance;
}

/** A constant reference must not divide by 0. */
const leastDeviation = 0.001;

/** The distance in standard deviations of the reference (ddof 1), taken to be at least 0.001; null where it is not finite. */
export function normalizedDistance(distance: number, deviation: number): number | null {
  const normalized = distance / Math.max(deviation, leastDeviation);
  // Of values near the largest double the deviation is infinite: a distance of 0 of them would be a lie.
  return Number.isFinite(normalized) && Number.isFinite(deviation) ? normalized : null;
}
