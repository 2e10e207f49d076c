import { uniformNumbers } from '../uniform-numbers.ts';

/** The samples generate_pairs.py asked SciPy about, made again from the same numbers. */
export function generatedPair(
  seed: number,
  largest: number,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const u = uniformNumbers(seed);
  const shape = Math.floor(u() * 7);
  const tiny = u() < 0.3;
  const n = 1 + Math.floor(u() * (tiny ? 8 : largest));
  const m = u() < 0.2 ? n : 1 + Math.floor(u() * (tiny ? 8 : largest));
  const moved = u() < 0.5 ? 0 : u();
  return {
    x: Float64Array.from({ length: n }, () => value(shape, u, 0)),
    y: Float64Array.from({ length: m }, () => value(shape, u, moved)),
  };
}

function value(shape: number, u: () => number, moved: number): number {
  switch (shape) {
    case 0:
      return u() + u() + u() + u() - 2 + moved;
    case 1:
      return (1 / u()) * (1 + moved);
    case 2:
      return Math.floor(u() * 6 + 2 * moved);
    case 3:
      return 3 + Math.floor(moved);
    case 4:
      return u() < 0.7 ? 0 : u() - 0.3 + moved;
    case 5:
      return 1.7e12 + Math.floor(u() * 1e6) + 1e5 * moved;
    default: {
      const kind = u();
      if (kind < 0.1) return Number.POSITIVE_INFINITY;
      return kind < 0.2 ? Number.NEGATIVE_INFINITY : u() + moved;
    }
  }
}
