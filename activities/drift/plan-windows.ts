import type { ModelDefinition, TimeWindow } from '@watchtower/contracts';
import { asColumns, rowsIn } from '../data/columnar.ts';
import { readingFrom } from '../data/data-failures.ts';
import { withDuckDb } from '../data/duckdb.ts';
import { plannedColumns } from '../data/planned-columns.ts';
import { withTemporaryFolder } from '../data/temporary-folder.ts';
import { type WindowRelation, windowRelation } from '../data/window-relation.ts';
import type { ComparisonPlan, Rows } from './comparison-plan.ts';
import { pairPlanned, requireCommon } from './pair-columns.ts';

/**
 * What there is to compare of two windows of a definition's data; what had to be written for that is kept until the work is
 * done.
 *
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `ColumnMissing`, `TargetMissing`,
 * `NoCommonColumns`
 */
export async function withWindowsPlan<T>(
  definition: ModelDefinition,
  windows: { readonly reference: TimeWindow; readonly current: TimeWindow },
  work: (plan: ComparisonPlan) => Promise<T>,
): Promise<T> {
  return withTemporaryFolder(async (folder) => {
    const plan = await withDuckDb(async (connection): Promise<ComparisonPlan> => {
      const before = await windowRelation(connection, definition, windows.reference);
      const after = await windowRelation(connection, definition, windows.current);
      const columns = pairPlanned(plannedColumns(definition, before.columns), before.columns, after.columns);
      requireCommon(columns, after.columns, after.source);
      const rowsOf = (window: WindowRelation, name: string) =>
        readingFrom(window.source, async (): Promise<Rows> => {
          const { relation, source, empty } = window;
          const columnar = window.columnar
            ? { relation, flat: null }
            : await asColumns(connection, relation, folder, name);
          const rows = await rowsIn(connection, columnar);
          return rows === 0 ? empty() : { ...columnar, rows, source };
        });
      const reference = await rowsOf(before, 'reference');
      return {
        reference,
        current: await rowsOf(after, 'current'),
        referenceRows: reference.rows,
        columns,
        settings: definition.drift,
        columnSettings: definition.data.columns,
        notes: [],
        pictures: false,
      };
    });
    return await work(plan);
  });
}
