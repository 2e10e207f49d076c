/** Where the quantiles 1/B … (B−1)/B of n values lie: between two order statistics (linear interpolation, NumPy's default). */
export function quantilePositions(
  n: number,
  bins: number,
): readonly { below: number; above: number; part: number }[] {
  return Array.from({ length: bins - 1 }, (_, k) => {
    const position = ((k + 1) / bins) * (n - 1);
    const below = Math.floor(position);
    return { below, above: Math.ceil(position), part: position - below };
  });
}

/** Between −∞ and a number there is nothing to interpolate; equal ends stay exactly themselves, −0 is 0. */
export function interpolate(below: number, above: number, part: number): number {
  return between(below, above, part) + 0;
}

function between(below: number, above: number, part: number): number {
  const finite = Number.isFinite(below) && Number.isFinite(above);
  if (!finite || below === above) return part < 0.5 ? below : above;
  const edge = below + (above - below) * part;
  // Rounding must not carry an edge beyond the values it lies between.
  return Number.isFinite(edge) ? Math.min(edge, above) : below / 2 + above / 2;
}

/** Ascending, equal ones once. */
export const distinctEdges = (edges: readonly number[]): readonly number[] =>
  edges.filter((edge, index) => index === 0 || edge !== edges[index - 1]);

/** Rows between successive ranks: of the first edge, the second …, and of all. */
export const betweenRanks = (ranks: readonly number[], all: number): readonly number[] =>
  [...ranks, all].map((rank, index) => rank - (index === 0 ? 0 : (ranks[index - 1] ?? 0)));
