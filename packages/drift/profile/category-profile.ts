import type { CategoricalColumn, RestOfLevels } from '../table.ts';

/** A reference profile, and a window that is read, keep this many levels of a column: the commonest. */
export const mostLevels = 20_000;

/** A column of categories is counted already: its profile is the column. */
export type CategoryProfile = CategoricalColumn;

/** Both windows' rows together; exact while both have all their levels. */
export function mergeCategories(a: CategoryProfile, b: CategoryProfile): CategoryProfile {
  const counts = new Map(a.levels.map((level, i) => [level, a.counts[i] ?? 0]));
  for (const [i, level] of b.levels.entries())
    counts.set(level, (counts.get(level) ?? 0) + (b.counts[i] ?? 0));
  const rest = {
    levels: (a.rest?.levels ?? 0) + (b.rest?.levels ?? 0),
    rows: (a.rest?.rows ?? 0) + (b.rest?.rows ?? 0),
  };
  return { ...a, missing: a.missing + b.missing, ...commonestLevels([...counts], rest) };
}

/** The commonest levels, by size and then by name; the others as a rest. */
export function commonestLevels(
  counted: readonly (readonly [level: string, rows: number])[],
  rest: RestOfLevels = { levels: 0, rows: 0 },
): Pick<CategoryProfile, 'levels' | 'counts' | 'rest'> {
  const sorted = [...counted].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : a > b ? 1 : 0));
  const kept = sorted.slice(0, mostLevels);
  const left = sorted.slice(mostLevels);
  const rows = left.reduce((sum, [, count]) => sum + count, rest.rows);
  return {
    levels: kept.map(([level]) => level),
    counts: kept.map(([, count]) => count),
    ...(rows > 0 ? { rest: { levels: left.length + rest.levels, rows } } : {}),
  };
}
