import { commonestLevels, mostLevels } from '@watchtower/drift';
import type { CountedTexts } from '@watchtower/parquet';
import type { DuckDbConnection } from '../duckdb.ts';
import { readers } from '../file-format.ts';
import { columnsOfFlat, flatFiles } from '../flat-files.ts';
import { readCategories } from '../read-categories.ts';
import { columnsOf, type RelationColumn } from '../relation-columns.ts';
import { type NumberColumn, streamNumbers } from '../stream-numbers.ts';
import { readerOf } from './reader-of.ts';

/** What a column holds: each of its numbers, or how often it has each of its levels; null where it was not read. */
export type Found = readonly number[] | { readonly missing: number; readonly levels: object } | null;

export interface BothWays {
  /** As DuckDB describes them. */
  readonly columns: readonly RelationColumn[];
  /** The same by our own reader; null where the files are not for it. */
  readonly own: readonly RelationColumn[] | null;
  readonly byName: ReadonlyMap<string, { readonly duckDb: Found; readonly own: Found }>;
}

/**
 * Reads all columns of Parquet files twice.
 *
 * @param connection of one thread
 * @param typeOf how a column is to be read; its own way unless it says another
 */
export async function bothWays(
  connection: DuckDbConnection,
  paths: readonly string[],
  typeOf: (column: RelationColumn) => RelationColumn['type'] = ({ type }) => type,
): Promise<BothWays> {
  const relation = readers.parquet(paths);
  const columns = await columnsOf(connection, relation);
  const flat = await flatFiles(paths);
  const byName = new Map<string, { duckDb: Found; own: Found }>();
  if (flat === null) return { columns, own: null, byName };
  const { reader, into } = readerOf(flat);
  for (const column of columns) {
    const { name, sqlType } = column;
    const type = typeOf(column);
    if (type === 'numeric' || type === 'discrete' || type === 'datetime') {
      const own = reader.readNumbers({ name, type }, into) ? [...into] : null;
      byName.set(name, {
        duckDb: await numbers(connection, relation, { name, type, sqlType }, flat.rows),
        own,
      });
    } else if (type !== null) {
      const counted = reader.countTexts(name, mostLevels);
      const duckDb = await levels(connection, relation, { name, type, role: 'feature' });
      byName.set(name, { duckDb, own: counted === null ? null : together(counted) });
    }
  }
  reader.close();
  return { columns, own: columnsOfFlat(flat), byName };
}

/** Null where DuckDB refuses them. */
async function numbers(
  connection: DuckDbConnection,
  relation: string,
  column: NumberColumn,
  rows: number,
): Promise<Found> {
  const into = new Float64Array(rows);
  try {
    await streamNumbers(connection, relation, [column], [into]);
    return [...into];
  } catch {
    return null;
  }
}

async function levels(
  connection: DuckDbConnection,
  relation: string,
  column: Parameters<typeof readCategories>[2],
): Promise<Found> {
  try {
    const { missing, levels: found, counts } = await readCategories(connection, relation, column);
    return { missing, levels: found.map((level, i) => [level, counts[i]]) };
  } catch {
    return null;
  }
}

function together({ counts: rows, missing }: CountedTexts): Found {
  const { levels, counts } = commonestLevels([...rows]);
  return { missing, levels: levels.map((level, i) => [level, counts[i]]) };
}
