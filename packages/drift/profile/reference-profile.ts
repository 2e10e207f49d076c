import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import type { Column, Table } from '../table.ts';
import { type CategoryProfile, mergeCategories } from './category-profile.ts';
import { mergeNumbers } from './merge-numbers.ts';
import { type NumericProfile, profileNumbers } from './numeric-profile.ts';

/** Numbers in cells, or counted categories. */
export type ColumnProfile = NumericProfile | CategoryProfile;

/** What a comparison needs of a reference: computed once, saved, compared with many windows. */
export interface ReferenceProfile {
  readonly rows: number;
  readonly target: string | null;
  /** Compared columns, and those that name rows (role `identifier`), which are only named. */
  readonly columns: readonly ColumnProfile[];
}

/** What is kept of a reference's column: numbers in cells, categories as they are. */
export const profileColumn = (column: Column): ColumnProfile =>
  column.kind === 'numeric' ? profileNumbers(column) : column;

/** @param table its columns' types and roles settled */
export const profileTable = (table: Table, target: string | null): ReferenceProfile => ({
  rows: table.rows,
  target,
  columns: table.columns.map(profileColumn),
});

/**
 * The profile of both references' rows together.
 *
 * @throws WatchtowerError `ProfileInvalid` where they are not of the same columns and types
 */
export function mergeProfiles(a: ReferenceProfile, b: ReferenceProfile): ReferenceProfile {
  const others = new Map(b.columns.map((column) => [column.name, column]));
  const surplus = b.columns.find((column) => !a.columns.some((own) => own.name === column.name));
  if (surplus !== undefined) throw unlike(`one has no column "${surplus.name}"`);
  if (a.target !== b.target) throw unlike(`one has the target ${a.target}, the other ${b.target}`);
  const columns = a.columns.map((column) => {
    const other = others.get(column.name);
    if (other === undefined) throw unlike(`one has no column "${column.name}"`);
    if (column.kind === 'numeric profile' && other.kind === 'numeric profile' && column.type === other.type) {
      return mergeNumbers(column, other);
    }
    if (column.kind === 'categorical' && other.kind === 'categorical' && column.type === other.type) {
      return mergeCategories(column, other);
    }
    throw unlike(`column "${column.name}" is ${column.type} in one and ${other.type} in the other`);
  });
  return { rows: a.rows + b.rows, target: a.target, columns };
}

const unlike = (why: string): WatchtowerError =>
  new WatchtowerError(
    'ProfileInvalid',
    `These profiles cannot be merged: ${why}. Make them with the same columns and settings.`,
  );
