import { type ColumnSettings, type DriftReport, WatchtowerError } from '@watchtower/contracts';
import { datasetResult } from './dataset-result.ts';
import { judgeColumns } from './judge-columns.ts';
import { measureColumn } from './measure-column.ts';
import type { Table } from './table.ts';
import { targetDrift } from './target-drift.ts';
import type { DriftSettings } from './thresholds.ts';

export interface Comparison {
  readonly reference: Table;
  readonly current: Table;
  readonly settings: DriftSettings;
  /** Severity thresholds by column name; roles and types are the tables' own. */
  readonly columns?: Readonly<Record<string, ColumnSettings>>;
  /** Name of the target, which is reported as a column and on a sheet of its own. */
  readonly target?: string | undefined;
  /** Called after each column, with how many are done and how many there are. */
  readonly onColumn?: (done: number, all: number) => void;
}

const comparedRoles: ReadonlySet<string> = new Set(['feature', 'target', 'prediction']);

/**
 * Compares every feature, target and prediction of the reference with the current window. The same tables
 * give the same report; `timings` is left empty for whoever holds a clock.
 *
 * @throws WatchtowerError `NoCommonColumns`, `TargetMissing`
 */
export function compareTables(comparison: Comparison): DriftReport {
  const { reference, current, settings } = comparison;
  const currentColumns = new Map(current.columns.map((column) => [column.name, column]));
  const columns = reference.columns.filter((column) => comparedRoles.has(column.role));
  if (!columns.some((column) => currentColumns.has(column.name))) throw noCommonColumns(reference, current);

  const measurements = columns.map((column, index) => {
    const own = comparison.columns?.[column.name];
    const measurement = measureColumn(column, currentColumns.get(column.name), settings, own);
    comparison.onColumn?.(index + 1, columns.length);
    return measurement;
  });
  const judged = judgeColumns(measurements, settings.alpha);
  const target = comparison.target === undefined ? null : reportOfTarget(comparison.target);
  const rows = { reference: reference.rows, current: current.rows };
  return {
    dataset: datasetResult({ columns: judged, target, rows, shareThreshold: settings.share_threshold }),
    columns: judged.map(({ report }) => report),
    target,
    timings: {},
  };

  function reportOfTarget(name: string) {
    const index = columns.findIndex((column) => column.name === name);
    const column = columns[index];
    const report = judged[index]?.report;
    if (column === undefined || report === undefined) {
      const known = columns.map((each) => each.name).join(', ');
      throw new WatchtowerError(
        'TargetMissing',
        `The reference has no target "${name}"; its columns are ${known}.`,
      );
    }
    return targetDrift(column, currentColumns.get(name), report);
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
