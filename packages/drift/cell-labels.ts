/** What the cells between inner edges are called: one more than there are edges. */
export function labelCells(
  edges: readonly number[],
  write: (value: number) => string = shortNumber,
): readonly string[] {
  return [...edges, undefined].map((high, index) => cellLabel(edges[index - 1], high, write));
}

function cellLabel(
  low: number | undefined,
  high: number | undefined,
  write: (value: number) => string,
): string {
  if (low === undefined) return high === undefined ? 'all' : `≤ ${write(high)}`;
  return high === undefined ? `> ${write(low)}` : `(${write(low)}, ${write(high)}]`;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(5)));
