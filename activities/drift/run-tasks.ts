import { setImmediate } from 'node:timers/promises';
import { newWorkspace, type Workspace } from '@watchtower/drift';
import { type DuckDbConnection, withDuckDb } from '../data/duckdb.ts';
import type { FlatFiles } from '../data/flat-files.ts';
import { flatReader, readerBytes, readerDesk } from '../data/flat-reader.ts';
import type { Bench } from './column-result.ts';
import { measureTask } from './measure-task.ts';
import { cancelled, nextTask, type ThreadInput, type ThreadMessage } from './thread-messages.ts';

/** How often progress is told, in milliseconds. */
const interval = 100;

/**
 * Takes tasks from the shared list until it is empty: the same on every thread.
 *
 * @param given a connection of one thread, where there is one already
 * @throws AbortError once the work is cancelled; it is asked after every chunk of rows
 */
export function runTasks(
  { plan, tasks, shared }: ThreadInput,
  send: (message: ThreadMessage) => void,
  given?: DuckDbConnection,
): Promise<void> {
  let unsaid = 0;
  let said = 0;
  const onRows = (rows: number) => {
    if (Atomics.load(shared, cancelled) === 1) throw new DOMException('cancelled', 'AbortError');
    unsaid += rows;
    const now = performance.now();
    if (now - said < interval) return;
    send({ kind: 'rows', rows: unsaid });
    unsaid = 0;
    said = now;
  };
  const work = async (connection: DuckDbConnection) => {
    const columns = Math.max(0, ...tasks.map((each) => (each.kind === 'numbers' ? each.columns.length : 0)));
    const rows = { reference: plan.reference?.rows ?? 0, current: plan.current?.rows ?? 0 };
    const windows = [plan.reference?.flat ?? null, plan.current?.flat ?? null] as const;
    const workspace = newWorkspace(columns, rows, plan.referenceRows, readerBytes(windows));
    const flat = readersOf(windows, workspace, () => onRows(0));
    try {
      for (;;) {
        const task = tasks[Atomics.add(shared, nextTask, 1)];
        if (task === undefined) return;
        onRows(0);
        send({
          kind: 'columns',
          results: await measureTask(plan, task, { connection, workspace, flat, onRows }),
        });
        // Reading without DuckDB waits for nothing: timers and an abort on this thread would come only after the last task.
        await setImmediate();
      }
    } finally {
      flat.reference?.close();
      flat.current?.close();
    }
  };
  return given === undefined ? withDuckDb(work, 1) : work(given);
}

function readersOf(
  [reference, current]: readonly [FlatFiles | null, FlatFiles | null],
  { reading }: Workspace,
  onRead: () => void,
): Bench['flat'] {
  if (reading === null) return { reference: null, current: null };
  // One page is taken apart at a time.
  const desk = readerDesk(reading.memory, reading.region, [reference, current]);
  return {
    reference: reference && flatReader(reference, desk, onRead),
    current: current && flatReader(current, desk, onRead),
  };
}
