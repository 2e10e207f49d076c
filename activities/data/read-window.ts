import type { ModelDefinition, TimeWindow } from '@watchtower/contracts';
import type { Table } from '@watchtower/drift';
import { readingFrom } from './data-failures.ts';
import { withDuckDb } from './duckdb.ts';
import { withoutIdentifiers } from './identifiers.ts';
import { plannedColumns } from './planned-columns.ts';
import { type Progress, readPlanned } from './read-columns.ts';
import { windowRelation } from './window-relation.ts';

/**
 * The columns of a window that a comparison speaks of: features, target, prediction.
 *
 * @param like the reference's table, where this is the current window: its columns are read, and no others
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `ColumnMissing`,
 * `TargetMissing`
 */
export function readWindow(
  definition: ModelDefinition,
  window: TimeWindow,
  options: { readonly like?: Table; readonly progress?: Progress } = {},
): Promise<Table> {
  return withDuckDb(async (connection) => {
    const { relation, columns, source, empty } = await windowRelation(connection, definition, window);
    return readingFrom(source, async () => {
      const planned = plannedColumns(definition, columns);
      const wanted = new Set(options.like?.columns.map((column) => column.name));
      const chosen = options.like
        ? planned.filter((column) => wanted.has(column.name))
        : await withoutIdentifiers(connection, relation, planned);
      const table = await readPlanned(connection, relation, chosen, options.progress);
      return table.rows === 0 ? empty() : table;
    });
  });
}
