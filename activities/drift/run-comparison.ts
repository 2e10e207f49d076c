import { availableParallelism } from 'node:os';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import type { DuckDbConnection } from '../data/duckdb.ts';
import type { ColumnResult } from './column-result.ts';
import { borrowComparingThread } from './comparing-thread.ts';
import { type ComparisonPlan, isLarge, tasksOf } from './comparison-plan.ts';
import { runTasks } from './run-tasks.ts';
import { cancelled, type ThreadInput, type ThreadMessage } from './thread-messages.ts';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Rows times columns read so far, and columns finished. */
  readonly onProgress?: ((done: { readonly rows: number; readonly columns: number }) => void) | undefined;
  /**
   * A connection of one thread with which this thread does its share: quicker for a command, wrong where others wait for this
   * thread.
   */
  readonly onThisThread?: DuckDbConnection;
}

/**
 * Measures all columns of a plan, on as many threads as there are cores for (two at most: a third has nothing to do while
 * DuckDB reads).
 *
 * @returns one result a column, in the plan's order
 * @throws AbortError when the signal says so; WatchtowerError `DataFileUnreadable` where no column could be read
 */
export async function runComparison(
  plan: ComparisonPlan,
  { signal, onProgress, onThisThread }: RunOptions,
): Promise<readonly ColumnResult[]> {
  signal?.throwIfAborted();
  const threads = isLarge(plan) ? Math.min(2, availableParallelism()) : 1;
  const tasks = tasksOf(plan, threads);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const input = { plan, tasks, shared };
  const results: ColumnResult[] = [];
  let rows = 0;
  const hear = (message: ThreadMessage) => {
    if (message.kind === 'rows') rows += message.rows;
    if (message.kind === 'columns') results.push(...message.results);
    if (message.kind === 'rows' || message.kind === 'columns')
      onProgress?.({ rows, columns: results.length });
  };
  const cancel = () => Atomics.store(shared, cancelled, 1);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const others = onThisThread === undefined ? threads : threads - 1;
    await Promise.all([
      ...Array.from({ length: others }, () => onThread(input, hear, cancel)),
      ...(onThisThread === undefined ? [] : [runTasks(input, hear, onThisThread).catch(stopping(cancel))]),
    ]);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  signal?.throwIfAborted();
  return ordered(plan, results);
}

const stopping = (cancel: () => void) => (error: unknown) => {
  cancel();
  throw error;
};

function onThread(
  input: ThreadInput,
  hear: (message: ThreadMessage) => void,
  cancel: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = borrowComparingThread();
    let ended = false;
    const fail = (error: Error) => {
      if (ended) return;
      ended = true;
      cancel();
      void thread.throwAway();
      reject(error);
    };
    thread.worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'done') {
        ended = true;
        thread.giveBack();
        resolve();
      } else if (message.kind === 'failed') {
        fail(message.cancelled ? new DOMException('cancelled', 'AbortError') : new Error(message.message));
      } else {
        try {
          hear(message);
        } catch (error) {
          // Whoever is told of progress may say by that that the work is not wanted any more.
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      }
    });
    thread.worker.on('error', fail);
    thread.worker.on('exit', (code) => fail(new Error(`A comparing thread ended with code ${code}.`)));
    thread.worker.postMessage(input);
  });
}

function ordered(plan: ComparisonPlan, results: readonly ColumnResult[]): readonly ColumnResult[] {
  const sorted = [...results].sort((a, b) => a.index - b.index);
  const unreadable = sorted.filter(({ measurement }) =>
    measurement?.obstacle?.reason.startsWith('The column cannot be read'),
  );
  if (unreadable.length > 0 && unreadable.length === sorted.length) {
    const [first] = unreadable;
    const source = [plan.reference?.source, plan.current?.source].filter(Boolean).join(' or ');
    throw new WatchtowerError(
      'DataFileUnreadable',
      `${source} cannot be read: ${first?.measurement?.obstacle?.reason} Check that the files are complete.`,
    );
  }
  return sorted;
}
