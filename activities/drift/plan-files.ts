import { asColumns, rowsIn } from '../data/columnar.ts';
import { readingFrom } from '../data/data-failures.ts';
import { countOf, type DuckDbConnection, withDuckDb } from '../data/duckdb.ts';
import { fileRelation } from '../data/file-relation.ts';
import type { PlannedColumn } from '../data/planned-columns.ts';
import type { RelationColumn } from '../data/relation-columns.ts';
import { identifier } from '../data/sql.ts';
import { type TemporaryFolder, withTemporaryFolder } from '../data/temporary-folder.ts';
import type { ComparisonPlan, PairedColumn, Rows } from './comparison-plan.ts';
import type { FilesInput } from './files-input.ts';
import { leftOut } from './left-out.ts';
import { requireInProfile, requireNamed } from './named-columns.ts';
import { pairPlanned, pairProfile, requireCommon, requireRows } from './pair-columns.ts';

/** A target of numbers with at most this many distinct whole values is a class. */
const mostClasses = 20;

/**
 * Finds out what there is to compare, and keeps what it had to write for that until the work is done.
 *
 * @param work may go on with the connection, which is of one thread
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `NoCommonColumns`, `ColumnMissing`,
 * `TargetMissing`, `ProfileInvalid`, `InvalidRequest`
 */
export async function withFilesPlan<T>(
  input: FilesInput,
  work: (plan: ComparisonPlan, connection: DuckDbConnection) => Promise<T>,
): Promise<T> {
  return withTemporaryFolder((folder) =>
    withDuckDb(async (connection) => work(await planFiles(connection, input, folder), connection), 1),
  );
}

async function planFiles(
  connection: DuckDbConnection,
  input: FilesInput,
  folder: TemporaryFolder,
): Promise<ComparisonPlan> {
  const { columnSettings, settings, pictures } = input;
  if ('profile' in input.reference) requireInProfile(input, input.reference.profile);
  const before =
    'path' in input.reference ? await openFile(connection, input.reference.path, folder, 'reference') : null;
  const after =
    input.current === undefined ? null : await openFile(connection, input.current, folder, 'current');
  const columns =
    'profile' in input.reference
      ? pairProfile(input.reference.profile, after?.columns ?? null)
      : pairPlanned(await planned(connection, input, before), before?.columns ?? [], after?.columns ?? null);
  if (after !== null) requireCommon(columns, after.columns, after.rows.source);
  const referenceRows =
    'profile' in input.reference ? input.reference.profile.rows : (before?.rows.rows ?? 0);
  return {
    reference: before?.rows ?? null,
    current: after?.rows ?? null,
    referenceRows,
    columns: columns.map((column) => withOwnRole(column, input)),
    settings,
    columnSettings,
    notes: leftOut(input, before?.columns ?? null, after?.columns ?? null),
    pictures,
  };
}

interface OpenedFile {
  readonly rows: Rows;
  readonly columns: readonly RelationColumn[];
}

async function openFile(
  connection: DuckDbConnection,
  file: string,
  folder: TemporaryFolder,
  name: string,
): Promise<OpenedFile> {
  const { relation, format, columns, flat } = await fileRelation(connection, { path: file }, '.');
  return readingFrom(file, async () => {
    // Text is read by all threads.
    const columnar =
      format === 'parquet'
        ? { relation, flat }
        : await withDuckDb((wide) => asColumns(wide, relation, folder, name));
    const rows = requireRows(await rowsIn(connection, columnar), file);
    return { rows: { ...columnar, rows, source: file }, columns };
  });
}

/** All columns are features but what was said to be something else. */
async function planned(
  connection: DuckDbConnection,
  input: FilesInput,
  opened: OpenedFile | null,
): Promise<readonly PlannedColumn[]> {
  if (opened === null) return [];
  const { target, prediction, columnSettings } = input;
  const { relation, source } = opened.rows;
  const names = opened.columns.map((column) => column.name);
  requireNamed(input, names, source);
  const columns: PlannedColumn[] = [];
  for (const { name, type: stored } of opened.columns) {
    const own = columnSettings[name];
    const role = name === target ? 'target' : name === prediction ? 'prediction' : (own?.role ?? 'feature');
    const classes = name === target && stored === 'numeric' && (await isClass(connection, relation, name));
    const type = own?.type ?? (classes ? 'categorical' : stored);
    if (type === null) continue;
    columns.push({
      name,
      type,
      role,
      roleIsGiven: role !== 'feature' || own?.role === 'feature',
      typeIsGiven: own?.type !== undefined || name === target,
    });
  }
  return columns;
}

async function isClass(connection: DuckDbConnection, relation: string, name: string): Promise<boolean> {
  const value = identifier(name);
  const fractions = await countOf(
    connection,
    `SELECT count(*) FROM ${relation} WHERE ${value} != floor(${value})`,
  );
  if (fractions > 0) return false;
  return (await countOf(connection, `SELECT count(DISTINCT ${value}) FROM ${relation}`)) <= mostClasses;
}

/** What is said now about a role goes before what a profile was made with. */
function withOwnRole(column: PairedColumn, { target, prediction, columnSettings }: FilesInput): PairedColumn {
  if (column.profile === null) return column;
  const role =
    column.name === target
      ? 'target'
      : column.name === prediction
        ? 'prediction'
        : (columnSettings[column.name]?.role ?? column.role);
  return { ...column, role, profile: { ...column.profile, role } };
}
