/** Values or cells looked at in one call: `loops.ts` says why. */
export const stretch = 4096;

/** Calls `visit` for one stretch [from, to) after the other. */
export function byStretches(
  length: number,
  visit: (from: number, to: number) => void,
  size: number = stretch,
): void {
  for (let from = 0; from < length; from += size) visit(from, Math.min(length, from + size));
}
