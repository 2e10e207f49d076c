/** What one part of a sweep came to. */
export interface Swept {
  readonly done: number;
  /** Rows that could not be dealt with, with why. */
  readonly errors: readonly string[];
}

export interface Sweep {
  /** When the sweep began, in milliseconds since the epoch. */
  readonly now: number;
  /** Rows not reached by then are the next sweep's. */
  readonly until: number;
}

/**
 * Deals with rows one after the other; one row's failure does not keep the others.
 *
 * @param work whether anything was done
 */
export async function eachRow<T>(
  { until }: Sweep,
  rows: readonly T[],
  nameOf: (row: T) => string,
  work: (row: T) => Promise<boolean>,
): Promise<Swept> {
  let done = 0;
  const errors: string[] = [];
  for (const row of rows) {
    if (Date.now() > until) break;
    try {
      if (await work(row)) done += 1;
    } catch (error) {
      errors.push(`${nameOf(row)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { done, errors };
}
