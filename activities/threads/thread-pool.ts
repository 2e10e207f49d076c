import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** How long a thread without work is kept, in milliseconds: loading a program's modules takes longer than most work. */
const idleLimit = 60_000;
const mostIdle = availableParallelism();

/** A thread that is nobody else's until it is given back or thrown away. */
export interface BorrowedThread {
  readonly worker: Worker;
  /** After it has answered: it waits for more work, and keeps no process alive. */
  readonly giveBack: () => void;
  /** Ends it, also in the middle of its work. */
  readonly throwAway: () => Promise<void>;
}

interface IdleThread {
  readonly worker: Worker;
  readonly expiry: NodeJS.Timeout;
}

const idle = new Map<string, IdleThread[]>();

/**
 * A thread of a program: one that has answered before, else a new one. The program listens for messages of its parent.
 *
 * @param program URL of the program, with the extension of the module that names it: it runs from TypeScript sources as
 * from what was built of them
 */
export function borrowThread(program: URL): BorrowedThread {
  const worker = takeIdle(program.href) ?? startThread(program);
  worker.ref();
  return {
    worker,
    giveBack: () => keep(program.href, worker),
    throwAway: async () => {
      stopListening(worker);
      // Whoever throws it away knows why it ends.
      worker.on('error', () => undefined);
      await worker.terminate();
    },
  };
}

function takeIdle(program: string): Worker | undefined {
  const taken = idle.get(program)?.pop();
  if (taken === undefined) return undefined;
  clearTimeout(taken.expiry);
  stopListening(taken.worker);
  return taken.worker;
}

function keep(program: string, worker: Worker): void {
  const waiting = idle.get(program) ?? [];
  idle.set(program, waiting);
  stopListening(worker);
  const forget = () => {
    clearTimeout(kept.expiry);
    const place = waiting.indexOf(kept);
    if (place >= 0) waiting.splice(place, 1);
  };
  const end = () => {
    forget();
    void worker.terminate();
  };
  const kept: IdleThread = { worker, expiry: setTimeout(end, idleLimit).unref() };
  worker.once('exit', forget).once('error', end);
  worker.unref();
  waiting.push(kept);
  if (waiting.length > mostIdle) end();
}

/** By name: a `Worker` has listeners of its own, without which it hears nothing any more. */
function stopListening(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}

/** A thread is not given the loader of sources by whoever starts it; what is built needs none. */
function startThread(program: URL): Worker {
  if (!program.pathname.endsWith('.ts')) return new Worker(program);
  const loader = new URL('./from-source.mjs', import.meta.url);
  return new Worker(loader, { workerData: { program: program.href }, execArgv: ['--conditions=source'] });
}
