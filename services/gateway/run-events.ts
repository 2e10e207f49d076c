import { stepFromRow } from '@watchtower/activities/audit/step-row';
import { isTerminal, type Run, type RunId, runStatus, type Step } from '@watchtower/contracts';
import type { GatewayContext } from './context.ts';
import { failureOf } from './problems.ts';
import { runFromRow } from './run-view.ts';
import { followTraining, type TrainingProgress } from './training-progress.ts';

type RunEvent =
  | { readonly event: 'step'; readonly id: number; readonly data: Step }
  | { readonly event: 'training_progress'; readonly data: TrainingProgress }
  | { readonly event: 'run_complete' | 'run_failed'; readonly data: Run };

const page = 200;
const pollMilliseconds = 1_000;

/**
 * A run's steps after a number, then how it ended; between them what a training shows of itself. Listens first, then reads, and looks each second as well, since a
 * hint may be lost. The head is read from the run's row, which changes in the transaction that appends the steps: an
 * ended run is announced only after all of them. While Postgres is away it waits.
 */
export async function* runEvents(
  context: Pick<GatewayContext, 'database' | 'feed' | 'environment' | 'log' | 'temporal'>,
  { run_id, after, signal }: { readonly run_id: RunId; readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<RunEvent> {
  const hints = hintsOf(context, run_id, signal);
  const training = followTraining(context, run_id);
  let last = after;
  try {
    while (!signal.aborted) {
      hints.reset();
      const found = await news(context, run_id, last);
      for (const step of found?.steps ?? []) {
        yield { event: 'step', id: step.number, data: step };
        last = step.number;
      }
      if (found?.ended && found.ended.steps <= last) {
        const event = found.ended.status === 'completed' ? 'run_complete' : 'run_failed';
        yield { event, data: found.ended };
        return;
      }
      if (found && found.steps.length > 0) continue;
      const data = found ? await training.news() : null;
      if (data !== null) yield { event: 'training_progress', data };
      await hints.next();
    }
  } finally {
    hints.close();
  }
}

interface News {
  readonly steps: readonly Step[];
  /** The run, where it is over. */
  readonly ended: Run | null;
}

async function news(
  { database, environment, log }: Pick<GatewayContext, 'database' | 'environment' | 'log'>,
  run_id: RunId,
  last: number,
): Promise<News | null> {
  try {
    const row = await database.run.findUniqueOrThrow({ where: { id: run_id } });
    const rows =
      row.head_number > last
        ? await database.step.findMany({
            where: { run_id, number: { gt: last } },
            orderBy: { number: 'asc' },
            take: page,
          })
        : [];
    const over = isTerminal(runStatus.parse(row.status));
    return { steps: rows.map(stepFromRow), ended: over ? runFromRow(row, environment) : null };
  } catch (error) {
    if (!failureOf(error).retryable) throw error;
    log.debug({ err: error, run_id }, 'a stream waits for Postgres');
    return null;
  }
}

/** Waits for a hint, a second, or the end of the stream; a hint that came since `reset` counts. */
function hintsOf({ feed }: Pick<GatewayContext, 'feed'>, runId: RunId, signal: AbortSignal) {
  let hinted = false;
  let wake = () => {};
  const onHint = () => {
    hinted = true;
    wake();
  };
  const unsubscribe = feed.subscribe(runId, onHint);
  signal.addEventListener('abort', onHint);
  return {
    reset() {
      hinted = false;
    },
    async next(): Promise<void> {
      if (hinted || signal.aborted) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, pollMilliseconds);
      });
      clearTimeout(timer);
    },
    close() {
      unsubscribe();
      signal.removeEventListener('abort', onHint);
    },
  };
}
