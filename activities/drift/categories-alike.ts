import type { CategoricalColumn } from '@watchtower/drift';
import { type DuckDbConnection, rowsOf } from '../data/duckdb.ts';
import { identifier } from '../data/sql.ts';

/** The types that write the same class differently: 1, 1.0 and true. */
type Spelling = 'BOOLEAN' | 'BIGINT' | 'DOUBLE';

/**
 * The current window with a column spelt as the reference spells it. Labels of whole numbers become 1.0 in a window where one
 * is missing (pandas keeps such a column as floats), flags become 0 and 1 on their way through a database: neither is a
 * new category.
 *
 * @param like the reference's column; @param currentType DuckDB's type in the current window
 * @returns null where nothing is to be respelt, or a value would not stay what it is
 */
export async function speltAlike(
  relation: string,
  like: CategoricalColumn,
  currentType: string,
  connection: DuckDbConnection,
): Promise<string | null> {
  const wanted = spellingOf(like);
  const stored = storedAs(currentType);
  if (stored === null || wanted === null || stored === wanted) return null;
  // Numbers in texts are codes: 01 is not 1.
  if (stored === 'VARCHAR' && wanted !== 'BOOLEAN') return null;
  const name = identifier(like.name);
  const respelt = `TRY_CAST(${name} AS ${wanted})`;
  // Of texts those that say true or false; of numbers and flags those that are the same number afterwards.
  const changed =
    stored === 'VARCHAR'
      ? `${respelt} IS NULL`
      : `CAST(${respelt} AS DOUBLE) IS DISTINCT FROM CAST(${name} AS DOUBLE)`;
  const [found] = await rowsOf(
    connection,
    `SELECT count(*) FROM ${relation} WHERE ${name} IS NOT NULL AND ${name}::VARCHAR != 'nan' AND ${changed}`,
  );
  return Number(found?.[0] ?? 0) === 0 ? `(SELECT ${respelt} AS ${name} FROM ${relation})` : null;
}

function storedAs(sqlType: string): Spelling | 'VARCHAR' | null {
  if (sqlType === 'BOOLEAN' || sqlType === 'VARCHAR') return sqlType;
  if (/^U?((TINY|SMALL|BIG|HUGE)INT|INTEGER)/.test(sqlType)) return 'BIGINT';
  return /^(FLOAT|DOUBLE|DECIMAL)/.test(sqlType) ? 'DOUBLE' : null;
}

function spellingOf({ type, levels }: CategoricalColumn): Spelling | null {
  if (type === 'boolean') return 'BOOLEAN';
  const all = (pattern: RegExp) => levels.length > 0 && levels.every((level) => pattern.test(level));
  if (all(/^(true|false)$/)) return 'BOOLEAN';
  if (all(/^(0|-?[1-9]\d{0,14})$/)) return 'BIGINT';
  return all(/^(-?\d+\.\d+|nan)$/) ? 'DOUBLE' : null;
}
