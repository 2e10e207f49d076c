import { parentPort } from 'node:worker_threads';
import { runTasks } from './run-tasks.ts';
import type { ThreadInput, ThreadMessage } from './thread-messages.ts';

/** A worker thread's whole life: the tasks of a comparison until there are none, then the next comparison's. */
const port = parentPort;
if (port === null) throw new Error('comparison-thread.ts runs on a worker thread only.');
const send = (message: ThreadMessage): void => port.postMessage(message);
port.on('message', (input: ThreadInput) => void compare(input));

async function compare(input: ThreadInput): Promise<void> {
  try {
    await runTasks(input, send);
    send({ kind: 'done' });
  } catch (error) {
    const cancelled = error instanceof Error && error.name === 'AbortError';
    send({ kind: 'failed', cancelled, message: error instanceof Error ? error.message : String(error) });
  }
}
