import type { DuckDBConnection } from '@duckdb/node-api';
import { rowsOf } from './duckdb.ts';
import type { PlannedColumn } from './planned-columns.ts';
import { identifier } from './sql.ts';

/** Below this many values almost any text is distinct by chance. */
const fewestRows = 100;

/** From this share of distinct values on, texts name rows and do not describe them. */
const distinctShare = 0.9;

/** Takes out texts that are (almost) all distinct: names of rows, which every window replaces. */
export async function withoutIdentifiers(
  connection: DuckDBConnection,
  relation: string,
  planned: readonly PlannedColumn[],
): Promise<readonly PlannedColumn[]> {
  const suspects = planned.filter((column) => column.type === 'categorical' && !column.roleIsGiven);
  if (suspects.length === 0) return planned;
  const asked = suspects.flatMap(({ name }) => [
    `approx_count_distinct(${identifier(name)})`,
    `count(${identifier(name)})`,
  ]);
  const [row = []] = await rowsOf(connection, `SELECT ${asked.join(', ')} FROM ${relation}`);
  const identifiers = new Set(
    suspects.flatMap(({ name }, index) => {
      const distinct = Number(row[2 * index] ?? 0);
      const values = Number(row[2 * index + 1] ?? 0);
      return values >= fewestRows && distinct >= distinctShare * values ? [name] : [];
    }),
  );
  return planned.map((column) =>
    identifiers.has(column.name) ? { ...column, role: 'identifier' as const } : column,
  );
}
