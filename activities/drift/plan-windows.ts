import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelDefinition, TimeWindow } from '@watchtower/contracts';
import { asColumns } from '../data/columnar.ts';
import { readingFrom } from '../data/data-failures.ts';
import { countOf, withDuckDb } from '../data/duckdb.ts';
import { plannedColumns } from '../data/planned-columns.ts';
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
  const folder = await mkdtemp(path.join(tmpdir(), 'watchtower-drift-'));
  try {
    const plan = await withDuckDb(async (connection): Promise<ComparisonPlan> => {
      const before = await windowRelation(connection, definition, windows.reference);
      const after = await windowRelation(connection, definition, windows.current);
      const columns = pairPlanned(plannedColumns(definition, before.columns), before.columns, after.columns);
      requireCommon(columns, after.columns, after.source);
      const rowsOf = (window: WindowRelation, name: string) =>
        readingFrom(window.source, async (): Promise<Rows> => {
          const { relation: own, source, columnar, empty } = window;
          const relation = columnar ? own : await asColumns(connection, own, folder, name);
          const rows = await countOf(connection, `SELECT count(*) FROM ${relation}`);
          return rows === 0 ? empty() : { relation, rows, source, flat: null };
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
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
