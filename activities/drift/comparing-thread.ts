import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type BorrowedThread, borrowThread } from '../threads/thread-pool.ts';

/** A URL of this folder, in the source as in what was built of it. */
const program = new URL(
  `./comparison-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** A thread that takes a `ThreadInput` and answers with `ThreadMessage`s. */
export const borrowComparingThread = (): BorrowedThread => borrowThread(program);

/** A file of this many bytes is likely to hold enough values for two threads. */
const largeFile = 32 * 1024 * 1024;

/**
 * Starts the thread that a comparison of these files will want, so that it loads its modules while this one loads its own
 * and looks at the files. Nothing where no file is large, is a folder or a pattern, or where there is one core: the
 * comparison starts its threads itself then.
 */
export async function startThreadEarly(files: readonly string[]): Promise<void> {
  if (availableParallelism() < 2) return;
  const found = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  if (found.some((file) => file?.isFile() && file.size >= largeFile)) borrowComparingThread().giveBack();
}
