import type { ColumnSettings, DriftReport } from '@watchtower/contracts';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { isDiscrete } from './column-kind.ts';
import { datasetResult } from './dataset-result.ts';
import { judgeColumns } from './judge-columns.ts';
import { measureColumn } from './measure-column.ts';
import type { Measurement } from './measurement.ts';
import type { Column, Table } from './table.ts';
import { targetDrift } from './target-drift.ts';
import type { DriftSettings } from './thresholds.ts';

/** Two tables and how to compare them. */
export interface Comparison {
  readonly reference: Table;
  readonly current: Table;
  readonly settings: DriftSettings;
  /** Severity thresholds by column name; roles and types are the tables' own. */
  readonly columns?: Readonly<Record<string, ColumnSettings>>;
  /** Name of the target, which is reported as a column and on a sheet of its own. */
  readonly target?: string | undefined;
}

/** The roles whose columns have a place in the report's tests. */
export const comparedRoles: ReadonlySet<string> = new Set(['feature', 'target', 'prediction']);

/**
 * Compares every feature, target and prediction of the reference with the current window, all of it in memory and on this
 * thread. The same tables give the same report; `timings` is left empty for whoever holds a clock.
 *
 * @throws WatchtowerError `NoCommonColumns`, `TargetMissing`
 */
export function compareTables(comparison: Comparison): DriftReport {
  const { reference, current, settings } = comparison;
  const currentColumns = new Map(current.columns.map((column) => [column.name, column]));
  const columns = reference.columns.filter((column) => comparedRoles.has(column.role));
  if (!columns.some((column) => currentColumns.has(column.name))) throw noCommonColumns(reference, current);
  const measurements = columns.map((column) =>
    measureColumn(
      settleType(column),
      currentColumns.get(column.name),
      settings,
      comparison.columns?.[column.name],
    ),
  );
  return judgeDataset({
    measurements,
    rows: { reference: reference.rows, current: current.rows },
    settings,
    target: comparison.target,
  });
}

/** Numbers that are few and whole are `discrete`. @param column of the reference */
export const settleType = (column: Column): Column =>
  column.kind === 'numeric' && column.type === 'numeric' && isDiscrete(column)
    ? { ...column, type: 'discrete' }
    : column;

/**
 * The report of columns that were measured, in whichever order and on whichever thread: all tests are adjusted together.
 *
 * @throws WatchtowerError `TargetMissing`
 */
export function judgeDataset(input: {
  readonly measurements: readonly Measurement[];
  readonly rows: { readonly reference: number; readonly current: number };
  readonly settings: DriftSettings;
  readonly target?: string | undefined;
}): DriftReport {
  const { measurements, rows, settings } = input;
  const judged = judgeColumns(measurements, settings.alpha);
  const target = input.target === undefined ? null : sheetOf(input.target);
  return {
    dataset: datasetResult({ columns: judged, target, rows, shareThreshold: settings.share_threshold }),
    columns: judged.map(({ report }) => report),
    target,
    timings: {},
  };

  function sheetOf(name: string) {
    const index = measurements.findIndex((measurement) => measurement.name === name);
    const measurement = measurements[index];
    const report = judged[index]?.report;
    if (measurement !== undefined && report !== undefined) return targetDrift(measurement, report);
    const known = measurements.map((each) => each.name).join(', ');
    throw new WatchtowerError(
      'TargetMissing',
      `The reference has no target "${name}"; its columns are ${known}.`,
    );
  }
}

function noCommonColumns(reference: Table, current: Table): WatchtowerError {
  const names = (table: Table) =>
    table.columns
      .map((column) => column.name)
      .slice(0, 20)
      .join(', ') || 'none';
  return new WatchtowerError(
    'NoCommonColumns',
    'Reference and current have no column in common that could be compared: ' +
      `the reference has ${names(reference)}; the current one has ${names(current)}. Are both of the same data?`,
  );
}
