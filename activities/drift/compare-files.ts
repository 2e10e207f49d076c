import type { ColumnSettings, DriftReport } from '@watchtower/contracts';
import {
  comparedRoles,
  type DriftSettings,
  defaultDriftSettings,
  judgeDataset,
  type NumericPicture,
  type ReferenceProfile,
} from '@watchtower/drift';
import type { DuckDbConnection } from '../data/duckdb.ts';
import type { ComparisonPlan } from './comparison-plan.ts';
import type { FilesInput } from './files-input.ts';
import { withFilesPlan } from './plan-files.ts';
import { type RunOptions, runComparison } from './run-comparison.ts';

export type { NumericPicture, ReferenceProfile } from '@watchtower/drift';

export interface CompareFilesInput {
  /** A path, folder or glob relative to the working directory, or the reference's profile. */
  readonly reference: string | ReferenceProfile;
  readonly current: string;
  readonly target?: string | undefined;
  readonly prediction?: string | undefined;
  readonly columns?: Readonly<Record<string, ColumnSettings>> | undefined;
  /** What differs from the defaults. */
  readonly settings?: Partial<DriftSettings> | undefined;
  readonly pictures?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Rows times columns read, and columns finished, of how many. */
  readonly onProgress?:
    | ((done: { rows: number; allRows: number; columns: number; all: number }) => void)
    | undefined;
}

export interface FilesComparison {
  readonly report: DriftReport;
  /** Drawings by column, where they were asked for. */
  readonly pictures: ReadonlyMap<string, NumericPicture>;
  /** Sentences about columns that are not compared and do not stand in the report. */
  readonly notes: readonly string[];
}

/**
 * Compares two plain files (Parquet, CSV, JSON Lines; folders, globs), or a file with a reference's profile: `watchtower
 * drift`. Types and roles are told from the reference.
 *
 * @returns the report with its timings in seconds: `plan`, `compare`, `total`
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `NoCommonColumns`, `ColumnMissing`,
 * `TargetMissing`
 */
export async function compareFiles(input: CompareFilesInput): Promise<FilesComparison> {
  const started = performance.now();
  const settings = { ...defaultDriftSettings, ...input.settings };
  return withFilesPlan(filesInput(input, settings), async (plan, connection) => {
    const planned = performance.now();
    const results = await runComparison(plan, runOptions(plan, connection, input));
    const report = judgeDataset({
      measurements: results.flatMap(({ measurement }) => measurement ?? []),
      rows: { reference: plan.referenceRows, current: plan.current?.rows ?? 0 },
      settings,
      target: plan.columns.find((column) => column.role === 'target')?.name,
    });
    const pictures = results.flatMap(({ index, picture }) => {
      const name = plan.columns[index]?.name;
      return picture === null || name === undefined ? [] : [[name, picture] as const];
    });
    const ended = performance.now();
    const timings = {
      plan: seconds(started, planned),
      compare: seconds(planned, ended),
      total: seconds(started, ended),
    };
    return { report: { ...report, timings }, pictures: new Map(pictures), notes: plan.notes };
  });
}

/** The profile of a reference: what `compareFiles` takes in its place. The same rows, in any order, give the same profile. */
export async function profileFiles(
  input: Omit<CompareFilesInput, 'reference' | 'current' | 'pictures'> & { readonly reference: string },
): Promise<ReferenceProfile> {
  const settings = { ...defaultDriftSettings, ...input.settings };
  return withFilesPlan(filesInput({ ...input, pictures: false }, settings), async (plan, connection) => {
    const results = await runComparison(plan, runOptions(plan, connection, input));
    const columns = results.flatMap(({ profile }) => profile ?? []);
    const target = columns.find((column) => column.role === 'target')?.name ?? null;
    return {
      rows: plan.referenceRows,
      target,
      columns: columns.filter((column) => comparedRoles.has(column.role) || column.role === 'identifier'),
    };
  });
}

function filesInput(
  input: Omit<CompareFilesInput, 'current'> & { readonly current?: string },
  settings: DriftSettings,
): FilesInput {
  const { reference, current, target, prediction, columns = {}, pictures = false } = input;
  return {
    reference: typeof reference === 'string' ? { path: reference } : { profile: reference },
    current,
    target,
    prediction,
    columnSettings: columns,
    settings,
    pictures,
  };
}

function runOptions(
  plan: ComparisonPlan,
  onThisThread: DuckDbConnection,
  { signal, onProgress }: Pick<CompareFilesInput, 'signal' | 'onProgress'>,
): RunOptions {
  const allRows = ((plan.reference?.rows ?? 0) + (plan.current?.rows ?? 0)) * plan.columns.length;
  return {
    signal,
    onThisThread,
    onProgress:
      onProgress && (({ rows, columns }) => onProgress({ rows, allRows, columns, all: plan.columns.length })),
  };
}

const seconds = (from: number, to: number): number => Math.round(to - from) / 1000;
