import type { ColumnType } from '@watchtower/contracts';
import { type DuckDbConnection, rowsOf } from './duckdb.ts';

export interface RelationColumn {
  readonly name: string;
  /** DuckDB's name of its type. */
  readonly sqlType: string;
  /** Null for what drift does not speak of: lists, structures, bytes, times of day. */
  readonly type: ColumnType | null;
}

/** The columns of something to select from, in its order. */
export async function columnsOf(
  connection: DuckDbConnection,
  relation: string,
): Promise<readonly RelationColumn[]> {
  const rows = await rowsOf(connection, `DESCRIBE SELECT * FROM ${relation}`);
  return rows.map(([name, type]) => {
    const sqlType = String(type);
    return { name: String(name), sqlType, type: columnTypeOf(sqlType) };
  });
}

/** What drift takes a column of this SQL type for. */
export function columnTypeOf(sqlType: string): ColumnType | null {
  if (/[[\]]$|^(STRUCT|MAP|UNION)/.test(sqlType)) return null;
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/.test(sqlType)) return 'numeric';
  if (sqlType === 'BOOLEAN') return 'boolean';
  if (/^(DATE$|TIMESTAMP)/.test(sqlType)) return 'datetime';
  return /^(VARCHAR|ENUM|UUID)/.test(sqlType) ? 'categorical' : null;
}
