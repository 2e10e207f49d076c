import type { ColumnSettings } from '@watchtower/contracts';
import { compareCategorical } from './compare-categorical.ts';
import { compareNumeric } from './compare-numeric.ts';
import type { ComparisonScratch } from './kernels/comparison-scratch.ts';
import type { Measurement } from './measurement.ts';
import type { ColumnProfile } from './profile/reference-profile.ts';
import { type CategoricalColumn, type Column, hasValues, type NumericColumn } from './table.ts';
import type { DriftSettings } from './thresholds.ts';

/** A side of the reference: its rows, or what was kept of them. */
export type ReferenceColumn = Column | ColumnProfile;

/**
 * Tests and effects of one column, to be judged together with the others by `judgeDataset`. Whatever is wrong with a column
 * becomes its status: one bad column never costs the others their report, and nothing is thrown.
 *
 * @param reference its type and role decide; @param current undefined where the window has no such column
 * @param own severity thresholds of this column
 * @param scratch memory to use again from column to column, see `newWorkspace`
 */
export function measureColumn(
  reference: ReferenceColumn,
  current: Column | undefined,
  settings: DriftSettings,
  own: ColumnSettings | undefined,
  scratch?: ComparisonScratch,
): Measurement {
  if (current === undefined) {
    return notCompared(reference, 'error', 'The current window has no column of this name.');
  }
  try {
    const before = !sideHasValues(reference) ? emptyLike(current, reference) : reference;
    const after = !hasValues(current) ? emptyLike(before, current) : current;
    if (before.kind !== 'categorical' && after.kind === 'numeric' && comparable(before.type, after.type)) {
      return compareNumeric(before, after, settings, own, scratch);
    }
    if (before.kind === 'categorical' && after.kind === 'categorical') {
      return compareCategorical(before, after, settings, own);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return notCompared(reference, 'error', `The comparison failed: ${why}.`);
  }
  return typeChanged(reference, current.type);
}

/** For a column that cannot be read as what the reference was. @param now its type, and what does not fit */
export const typeChanged = (reference: ReferenceColumn, now: string): Measurement =>
  notCompared(
    reference,
    'error',
    `The type changed from ${reference.type} to ${now}. Set the column's type in the definition, or mend the data.`,
  );

/** For a column that names rows: it is listed, so that nobody thinks it was compared. */
export const namesRowsOnly = (reference: ReferenceColumn): Measurement =>
  notCompared(
    { ...reference, role: 'identifier' },
    'ok',
    'Not compared: nearly all its values are distinct, so they name rows. Give it the role feature to compare it.',
  );

/** Numbers are compared as what the reference's are; datetimes only with datetimes. */
const comparable = (before: NumericColumn['type'], after: NumericColumn['type']): boolean =>
  (before === 'datetime') === (after === 'datetime');

const sideHasValues = (side: ReferenceColumn): boolean =>
  side.kind === 'numeric profile'
    ? side.finite + side.negative_infinities + side.positive_infinities > 0
    : hasValues(side);

/** Of a column without any value: all its rows miss one. */
const rowsOf = (side: ReferenceColumn): number =>
  side.kind === 'numeric' ? side.values.length : side.missing;

/** A column without any value has whatever type the other window's has. */
function emptyLike(like: ReferenceColumn, side: ReferenceColumn): Column {
  const { name, role } = side;
  const missing = rowsOf(side);
  return like.kind === 'categorical'
    ? ({
        kind: 'categorical',
        name,
        role,
        type: like.type,
        levels: [],
        counts: [],
        missing,
      } satisfies CategoricalColumn)
    : ({
        kind: 'numeric',
        name,
        role,
        type: like.type,
        values: new Float64Array(missing).fill(Number.NaN),
      } satisfies NumericColumn);
}

function notCompared(
  column: Pick<ReferenceColumn, 'name' | 'type' | 'role'>,
  status: 'ok' | 'error',
  reason: string,
): Measurement {
  const { name, type, role } = column;
  return {
    name,
    type,
    role,
    facets: [],
    obstacle: { status, reason },
    statistics: {},
    missing: { reference: 0, current: 0, p_value: 1 },
    newCategories: [],
    vanishedCategories: [],
    bins: [],
  };
}
