import { WatchtowerError } from '@watchtower/contracts';
import type { Table } from '@watchtower/drift';
import { columnNotThere, nothingInCommon, readingFrom } from './data-failures.ts';
import { countOf, withDuckDb } from './duckdb.ts';
import { fileRelation } from './file-relation.ts';
import { withoutIdentifiers } from './identifiers.ts';
import type { PlannedColumn } from './planned-columns.ts';
import { type Progress, readPlanned } from './read-columns.ts';
import { columnsOf } from './relation-columns.ts';
import { identifier } from './sql.ts';

/** A target of numbers with at most this many distinct whole values is a class. */
const mostClasses = 20;

export interface TableOptions {
  readonly target?: string | undefined;
  /** The reference's table, where this is the current one: its columns and its kind of target hold. */
  readonly like?: Table;
  readonly progress?: Progress;
}

/**
 * A plain file or glob, without a definition: all columns are features but the target and what names rows.
 *
 * @param file relative to the working directory
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `NoCommonColumns`, `TargetMissing`
 */
export function readTable(file: string, options: TableOptions = {}): Promise<Table> {
  return withDuckDb(async (connection) => {
    const relation = await fileRelation(connection, { path: file }, '.');
    return readingFrom(file, async () => {
      const columns = await columnsOf(connection, relation);
      const names = columns.map((column) => column.name);
      const { target, like } = options;
      if (target !== undefined && !names.includes(target)) {
        throw columnNotThere('TargetMissing', target, 'the target', file, names);
      }
      const classes = target !== undefined && (await targetIsClass(target));
      const planned = columns.flatMap(({ name, type }): readonly PlannedColumn[] => {
        if (type === null) return [];
        if (name !== target) return [{ name, type, role: 'feature', roleIsGiven: false }];
        return [{ name, type: classes ? 'categorical' : type, role: 'target', roleIsGiven: true }];
      });
      const wanted = new Set(like?.columns.map((column) => column.name));
      const chosen = like
        ? planned.filter((column) => wanted.has(column.name))
        : await withoutIdentifiers(connection, relation, planned);
      if (like && chosen.length === 0) throw nothingInCommon([...wanted], names, file);
      const table = await readPlanned(connection, relation, chosen, options.progress);
      if (table.rows === 0) {
        throw new WatchtowerError('DataEmpty', `${file} holds no rows. Give a file with data in it.`);
      }
      return table;

      async function targetIsClass(name: string): Promise<boolean> {
        const known = like?.columns.find((column) => column.name === name);
        if (known !== undefined) return known.kind === 'categorical';
        if (columns.find((column) => column.name === name)?.type !== 'numeric') return true;
        const value = identifier(name);
        const fractions = await countOf(
          connection,
          `SELECT count(*) FROM ${relation} WHERE ${value} != floor(${value})`,
        );
        const distinct = await countOf(connection, `SELECT count(DISTINCT ${value}) FROM ${relation}`);
        return fractions === 0 && distinct <= mostClasses;
      }
    });
  });
}
