import type { AttemptHandle, AttemptResult } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { AttemptKey } from './trainer.ts';

const open = ['starting', 'running'];

/**
 * An attempt that is about to be started: its row is there before anything of it runs, so that whoever stops the training
 * meanwhile finds it.
 */
export async function recordOpening(database: Database, key: AttemptKey): Promise<void> {
  const { training_id, attempt: number } = key;
  await database.trainingAttempt.createMany({
    data: { training_id, number, status: 'starting' },
    skipDuplicates: true,
  });
}

/**
 * An attempt that runs, or is adopted while it does; one that has ended stays as it is.
 *
 * @param handle null where it was given up before anything of it began
 */
export async function recordStart(
  database: Database,
  key: AttemptKey,
  handle: AttemptHandle | null,
): Promise<void> {
  const { training_id, attempt: number } = key;
  await database.trainingAttempt.updateMany({
    where: { training_id, number, status: { in: open } },
    data: handle
      ? { status: 'running', handle, started_at: new Date(handle.started_at) }
      : { status: 'cancelled', ended_at: new Date() },
  });
}

export async function recordEnd(database: Database, key: AttemptKey, result: AttemptResult): Promise<void> {
  const { training_id, attempt: number } = key;
  const { status, exit_code, failure_code, seconds, log_artifact } = result;
  const end = { status, exit: { exit_code, failure_code, seconds }, log_artifact, ended_at: new Date() };
  await database.trainingAttempt.upsert({
    where: { training_id_number: { training_id, number } },
    create: { training_id, number, ...end },
    update: end,
  });
}

/** Attempts of a training that was stopped: none of them is alive any more. */
export async function recordStop(database: Database, training_id: string): Promise<void> {
  await database.trainingAttempt.updateMany({
    where: { training_id, status: { in: open } },
    data: { status: 'cancelled', ended_at: new Date() },
  });
}
