import { type CategoricalColumn, commonestLevels, mostLevels, toldApart } from '@watchtower/drift';
import { type DuckDbConnection, rowsOf } from './duckdb.ts';
import { identifier, literal } from './sql.ts';

/**
 * A column of categories, counted by DuckDB: no row leaves it. Of more than `mostLevels` levels the commonest are kept, and
 * of the others how many there are and how many rows they hold.
 *
 * @param like the reference's column, where this is the current window: its commonest levels are looked up even if they are
 * rare here
 */
export async function readCategories(
  connection: DuckDbConnection,
  relation: string,
  column: Pick<CategoricalColumn, 'name' | 'type' | 'role'>,
  like?: CategoricalColumn,
): Promise<CategoricalColumn> {
  const { name, type, role } = column;
  const counted = `SELECT CAST(${identifier(name)} AS VARCHAR) AS level, count(*) AS n FROM ${relation} GROUP BY level`;
  const rows = await rowsOf(
    connection,
    `WITH counted AS MATERIALIZED (${counted})
     (SELECT level, n, 0 FROM counted WHERE level IS NOT NULL ORDER BY n DESC, level LIMIT ${mostLevels})
     UNION ALL SELECT NULL, coalesce(sum(n) FILTER (level IS NULL), 0), 1 FROM counted
     UNION ALL SELECT NULL, coalesce(sum(n) FILTER (level IS NOT NULL), 0), 2 FROM counted
     UNION ALL SELECT NULL, count(level), 3 FROM counted`,
  );
  const levels = rows.flatMap(([level, n, kind]) =>
    kind === '0' && level !== null ? [[level ?? '', Number(n)] as const] : [],
  );
  const single = (kind: string) => Number(rows.find((row) => row[2] === kind)?.[1] ?? 0);
  const keptRows = levels.reduce((sum, [, n]) => sum + n, 0);
  const rest = { levels: single('3') - levels.length, rows: single('2') - keptRows };
  const known = new Set(levels.map(([level]) => level));
  const rare =
    rest.rows > 0 ? (like?.levels.slice(0, toldApart).filter((level) => !known.has(level)) ?? []) : [];
  if (rare.length > 0) {
    const found = await rowsOf(
      connection,
      `SELECT * FROM (${counted}) WHERE level IN (${rare.map(literal).join(', ')})`,
    );
    for (const [level, n] of found) levels.push([level ?? '', Number(n)]);
    const moved = found.reduce((sum, [, n]) => sum + Number(n), 0);
    rest.rows -= moved;
    rest.levels -= found.length;
    return {
      kind: 'categorical',
      name,
      type,
      role,
      missing: single('1'),
      levels: levels.map(([level]) => level),
      counts: levels.map(([, n]) => n),
      rest,
    };
  }
  return { kind: 'categorical', name, type, role, missing: single('1'), ...commonestLevels(levels, rest) };
}
