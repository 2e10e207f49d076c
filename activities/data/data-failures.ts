import type { FailureCode } from '@watchtower/contracts';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';

/**
 * DuckDB's own words, in short: its first line without its list of hints; of a CSV file's error also what is wrong with
 * the line.
 */
export function shortReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [first = '', ...others] = text.split('\n').map((line) => line.trim());
  const line = first.replace(/^(Invalid Input|IO|Conversion|Binder|Parser) Error: /, '');
  const wrong = line.startsWith('CSV Error')
    ? others
        .slice(
          0,
          others.findIndex((other) => other.startsWith('Possible ')),
        )
        .findLast(Boolean)
    : undefined;
  const said = line.startsWith('Error when sniffing file')
    ? 'its lines do not have the same number of values by any delimiter'
    : [line, wrong].filter((part) => part !== undefined).join(', ');
  const reason = said.replace(/[.\s]+$/, '');
  return reason.length > 300 ? `${reason.slice(0, 300)}…` : reason;
}

export function unreadable(source: string, error: unknown): WatchtowerError {
  return new WatchtowerError(
    'DataFileUnreadable',
    `${source} cannot be read: ${shortReason(error)}. Check that the file is complete and of the format it claims.`,
    { cause: error },
  );
}

/** Passes our own failures on and says of any other which data it was about. */
export async function readingFrom<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof WatchtowerError ? error : unreadable(source, error);
  }
}

export function columnNotThere(
  code: Extract<FailureCode, 'ColumnMissing' | 'TargetMissing'>,
  name: string,
  what: string,
  source: string,
  columns: readonly string[],
): WatchtowerError {
  const shown = columns.slice(0, 20).join(', ');
  return new WatchtowerError(
    code,
    `${source} has no column "${name}", which is to be ${what}. It has ${shown}. Correct the name or the data.`,
  );
}

/** Before the tables are compared: what was read of the current data is only what the reference has as well. */
export function nothingInCommon(
  reference: readonly string[],
  current: readonly string[],
  source: string,
): WatchtowerError {
  const listed = (names: readonly string[]) => names.slice(0, 20).join(', ') || 'none';
  // What DuckDB calls the columns of a CSV file whose first line it takes for values.
  const headless = current.length > 0 && current.every((name) => /^column\d+$/.test(name));
  const question = headless ? 'Is its first line the names of its columns?' : 'Are both of the same data?';
  return new WatchtowerError(
    'NoCommonColumns',
    `${source} and the reference have no column in common that could be compared: the reference has ` +
      `${listed(reference)}; the current one has ${listed(current)}. ${question}`,
  );
}
