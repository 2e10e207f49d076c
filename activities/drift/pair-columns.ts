import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { comparedRoles, type ReferenceProfile } from '@watchtower/drift';
import { nothingInCommon } from '../data/data-failures.ts';
import type { PlannedColumn } from '../data/planned-columns.ts';
import type { RelationColumn } from '../data/relation-columns.ts';
import type { PairedColumn } from './comparison-plan.ts';

/** Columns the reference's rows decide about, beside what the current window has of the same name. */
export function pairPlanned(
  planned: readonly PlannedColumn[],
  reference: readonly RelationColumn[],
  current: readonly RelationColumn[] | null,
): readonly PairedColumn[] {
  const [before, after] = [typesOf(reference), typesOf(current ?? [])];
  return planned
    .filter((column) => comparedRoles.has(column.role))
    .map(({ name, type, role, typeIsGiven, roleIsGiven }) => ({
      name,
      type,
      role,
      typeIsGiven,
      roleIsGiven,
      referenceType: before.get(name) ?? null,
      currentType: after.get(name) ?? null,
      profile: null,
    }));
}

/** Columns as a profile has frozen them. */
export function pairProfile(
  profile: ReferenceProfile,
  current: readonly RelationColumn[] | null,
): readonly PairedColumn[] {
  const after = typesOf(current ?? []);
  return profile.columns.map((column) => ({
    name: column.name,
    type: column.type,
    role: column.role,
    typeIsGiven: true,
    roleIsGiven: true,
    referenceType: null,
    currentType: after.get(column.name) ?? null,
    profile: column,
  }));
}

const typesOf = (columns: readonly RelationColumn[]): ReadonlyMap<string, string> =>
  new Map(columns.map(({ name, sqlType }) => [name, sqlType]));

/** @throws WatchtowerError `NoCommonColumns`, `DataEmpty` */
export function requireCommon(
  columns: readonly PairedColumn[],
  current: readonly RelationColumn[],
  source: string,
): void {
  if (columns.some((column) => column.currentType !== null)) return;
  throw nothingInCommon(
    columns.map((column) => column.name),
    current.map((column) => column.name),
    source,
  );
}

export function requireRows(rows: number, source: string): number {
  if (rows > 0) return rows;
  throw new WatchtowerError('DataEmpty', `${source} holds no rows. Give a file with data in it.`);
}
