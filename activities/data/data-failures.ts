import type { FailureCode } from '@watchtower/contracts';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';

/** DuckDB's own words, in short: its first line without its list of hints. */
export function shortReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ''] = text.split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
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
  return new WatchtowerError(
    'NoCommonColumns',
    `${source} and the reference have no column in common that could be compared: the reference has ` +
      `${listed(reference)}; the current one has ${listed(current)}. Are both of the same data?`,
  );
}
