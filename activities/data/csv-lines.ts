import { shortReason, unreadable } from './data-failures.ts';
import { type DuckDbConnection, rowsOf } from './duckdb.ts';
import { literal, literalList } from './sql.ts';

const delimiters = [',', ';', '\t', '|'];

/**
 * One line with too few or too many values (a file cut off while it was written has one) makes DuckDB look for another
 * delimiter, and find a single column named by the whole header. That is refused, with the line's number.
 *
 * @param columns the names DuckDB found in all files together
 * @throws WatchtowerError `DataFileUnreadable`
 */
export async function refuseUnevenLines(
  connection: DuckDbConnection,
  files: readonly string[],
  columns: readonly string[],
  reader: (files: readonly string[]) => string,
): Promise<void> {
  if (columns.every((name) => delimiterIn(name) === null)) return;
  for (const file of files) {
    const found = await rowsOf(connection, `DESCRIBE SELECT * FROM ${reader([file])}`);
    const [name] = found.map(([each]) => each);
    const header = name == null || found.length > 1 ? null : await firstLine(connection, file);
    // A name in quotation marks may hold anything; they are not part of it.
    const split = header !== null && header === name ? delimiterIn(header) : null;
    if (split !== null) await readAs(connection, file, split);
  }
}

interface Split {
  readonly delimiter: string;
  readonly columns: number;
}

async function readAs(connection: DuckDbConnection, file: string, split: Split): Promise<void> {
  const names = Array.from({ length: split.columns }, (_, i) => `'c${i}': 'VARCHAR'`);
  try {
    await connection.run(
      `SELECT count(*) FROM read_csv(${literalList([file])}, auto_detect = false, header = true, quote = '"', escape = '"',
         delim = ${literal(split.delimiter)}, columns = {${names.join(', ')}})`,
    );
  } catch (error) {
    throw unreadable(file, shortReason(error));
  }
}

async function firstLine(connection: DuckDbConnection, file: string): Promise<string | null> {
  const [row] = await rowsOf(
    connection,
    `SELECT line FROM read_csv(${literalList([file])}, auto_detect = false, header = false, quote = '', escape = '',
       delim = '\u0001', columns = {'line': 'VARCHAR'}) LIMIT 1`,
  );
  return row?.[0] ?? null;
}

/** The delimiter a header has most of, outside quotation marks. */
function delimiterIn(header: string): Split | null {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const [most] = delimiters
    .map((delimiter): Split => ({ delimiter, columns: bare.split(delimiter).length }))
    .sort((a, b) => b.columns - a.columns);
  return most !== undefined && most.columns > 1 ? most : null;
}
