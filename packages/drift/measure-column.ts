import type { ColumnSettings } from '@watchtower/contracts';
import { compareCategorical } from './compare-categorical.ts';
import { compareNumeric } from './compare-numeric.ts';
import type { Measurement } from './measurement.ts';
import { type Column, presentRows } from './table.ts';
import type { DriftSettings } from './thresholds.ts';

/** Whatever is wrong with a column becomes its status: one bad column never costs the others their report. */
export function measureColumn(
  reference: Column,
  current: Column | undefined,
  settings: DriftSettings,
  own: ColumnSettings | undefined,
): Measurement {
  if (current === undefined) {
    return notCompared(reference, 'The current window has no column of this name.');
  }
  const [before, after] = withOneType(reference, current);
  try {
    if (before.kind === 'numeric' && after.kind === 'numeric' && before.type === after.type) {
      return compareNumeric(before, after, settings, own);
    }
    if (before.kind === 'categorical' && after.kind === 'categorical') {
      return compareCategorical(before, after, settings, own);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return notCompared(reference, `The comparison failed: ${why}.`);
  }
  return notCompared(
    reference,
    `The type changed from ${reference.type} to ${current.type}. Set the column's type in the definition.`,
  );
}

/** A column without any value has whatever type the other window's has. */
function withOneType(reference: Column, current: Column): readonly [Column, Column] {
  if (reference.kind === current.kind && reference.type === current.type) return [reference, current];
  if (presentRows(current) === 0) return [reference, emptyLike(reference, rowsOf(current))];
  if (presentRows(reference) === 0) {
    return [{ ...emptyLike(current, rowsOf(reference)), role: reference.role }, current];
  }
  return [reference, current];
}

function emptyLike(column: Column, rows: number): Column {
  return column.kind === 'numeric'
    ? { ...column, values: new Float64Array(rows).fill(Number.NaN) }
    : { ...column, levels: [], counts: [], missing: rows };
}

const rowsOf = (column: Column): number =>
  column.kind === 'numeric' ? column.values.length : presentRows(column) + column.missing;

function notCompared(column: Column, reason: string): Measurement {
  const { name, type, role } = column;
  return {
    name,
    type,
    role,
    facets: [],
    obstacle: { status: 'error', reason },
    statistics: {},
    missing: { reference: 0, current: 0, p_value: 1 },
    newCategories: [],
    bins: [],
  };
}
