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

/** What is dealt with: rows at hand, or those still being read. */
type Rows<T> = Iterable<T> | AsyncIterable<T>;

/**
 * Deals with rows one after the other; one row's failure does not keep the others.
 *
 * @param work whether anything was done
 */
export async function eachRow<T>(
  { until }: Sweep,
  rows: Rows<T>,
  nameOf: (row: T) => string,
  work: (row: T) => Promise<boolean>,
): Promise<Swept> {
  let done = 0;
  const errors: string[] = [];
  for await (const row of rows) {
    if (Date.now() > until) break;
    try {
      if (await work(row)) done += 1;
    } catch (error) {
      errors.push(`${nameOf(row)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { done, errors };
}

/**
 * All rows of a query, some at a time.
 *
 * @param read up to `size` rows behind this one, in an order that names every row once; null: from the first
 */
export async function* allRows<T>(
  size: number,
  read: (after: T | null, take: number) => Promise<readonly T[]>,
): AsyncGenerator<T> {
  for (let after: T | null = null; ; ) {
    const rows: readonly T[] = await read(after, size);
    yield* rows;
    after = rows.at(-1) ?? null;
    if (rows.length < size || after === null) return;
  }
}
