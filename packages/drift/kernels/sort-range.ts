/**
 * Sorts values[from, to) ascending, in place. Quicksort in three parts, so that a value repeated a million times costs one
 * pass; short stretches by insertion. For the many small stretches a typed array's own `sort` would be called for too often.
 */
export function sortRange(values: Float64Array, from: number, to: number): void {
  let low = from;
  let high = to;
  let rounds = 0;
  while (high - low > 24) {
    rounds += 1;
    if (rounds > 64) {
      values.subarray(low, high).sort();
      return;
    }
    const pivot = middleOf(values[low] ?? 0, values[(low + high) >>> 1] ?? 0, values[high - 1] ?? 0);
    let smaller = low;
    let larger = high;
    let i = low;
    while (i < larger) {
      const x = values[i] ?? 0;
      if (x < pivot) {
        values[i] = values[smaller] ?? 0;
        values[smaller] = x;
        smaller += 1;
        i += 1;
      } else if (x > pivot) {
        larger -= 1;
        values[i] = values[larger] ?? 0;
        values[larger] = x;
      } else i += 1;
    }
    // The shorter part by recursion, the longer one here: the stack stays low.
    if (smaller - low < high - larger) {
      sortRange(values, low, smaller);
      low = larger;
    } else {
      sortRange(values, larger, high);
      high = smaller;
    }
  }
  for (let i = low + 1; i < high; i += 1) {
    const x = values[i] ?? 0;
    let j = i - 1;
    while (j >= low && (values[j] ?? 0) > x) {
      values[j + 1] = values[j] ?? 0;
      j -= 1;
    }
    values[j + 1] = x;
  }
}

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
