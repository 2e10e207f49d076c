/** Distinct values of a sample, ascending, and how often each occurs. */
export interface ValueCounts {
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** Null as soon as there are more than `most` distinct values. @param values finite */
export function distinctValues(values: Float64Array, most: number): ValueCounts | null {
  // Few distinct values almost always show within the first ones: most columns are settled there.
  const counts = new Map<number, number>();
  let last = Number.NaN;
  let run = 0;
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i] ?? 0;
    if (x === last) {
      run += 1;
      continue;
    }
    if (run > 0) counts.set(last, (counts.get(last) ?? 0) + run);
    if (counts.size > most) return null;
    last = x;
    run = 1;
  }
  if (run > 0) counts.set(last, (counts.get(last) ?? 0) + run);
  if (counts.size > most) return null;
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { values: sorted.map(([value]) => value), counts: sorted.map(([, count]) => count) };
}
