import type { ColumnReport, DriftReport } from '@watchtower/contracts';
import { mostNamedCategories } from '@watchtower/drift';

/**
 * The classes of the target that the compared windows hold, as text; null where the report does not show all
 * of them: a target of many classes, one compared as numbers, one that brought new values which are not named,
 * or no target at all.
 */
export function targetClasses({ columns }: DriftReport): ReadonlySet<string> | null {
  const target = columns.find(({ role }) => role === 'target');
  if (target === undefined) return null;
  const labels = cellsOf(target);
  if (labels.length === 0) return null;
  switch (target.type) {
    case 'boolean':
    case 'categorical':
      return categoriesOf(target, labels);
    case 'discrete':
      // Other labels are ranges, or values that are not named.
      return labels.every((label) => /^-?\d+$/.test(label)) ? new Set(labels) : null;
    case 'numeric':
    case 'datetime':
      return null;
  }
}

/** Those of the classes that the target does not have, in their order. Booleans are written in several ways. */
export function unknownClasses(
  asked: readonly string[],
  known: ReadonlySet<string>,
  type: ColumnReport['type'],
): string[] {
  if (type === 'boolean') return asked.filter((name) => !/^(true|false|0|1)$/i.test(name));
  return asked.filter((name) => !known.has(name));
}

/** Labels of the cells that hold values; the one for missing values is there where any are missing. */
const cellsOf = ({ bins, missing }: ColumnReport): readonly string[] =>
  bins
    .map(({ label }) => label)
    .filter((label) => label !== 'missing' || missing.reference + missing.current === 0);

function categoriesOf(
  { new_categories, vanished_categories = [] }: ColumnReport,
  labels: readonly string[],
): ReadonlySet<string> | null {
  // Several classes in one cell: which ones is not said. Where as many new ones are named as can be, there may be more.
  if (labels.includes('other') || new_categories.length >= mostNamedCategories) return null;
  const named = labels.filter((label) => label !== 'new' || new_categories.length === 0);
  return new Set([...named, ...new_categories, ...vanished_categories]);
}
