import { type AttemptHandle, type AttemptResult, attemptHandle, attemptResult } from '@watchtower/contracts';
import { type Database, Prisma } from '@watchtower/database';
import { stopReason } from './stop-reason.ts';
import type { AttemptKey } from './trainer.ts';

const open = ['starting', 'running'];

/** The end of an attempt as its row keeps it, beside its state and the log's name. */
const attemptEnding = attemptResult.omit({ attempt: true, status: true, log_artifact: true });

export type Opening =
  | { readonly status: 'open' }
  /** It has ended already, or must not begin; the handle is null where nothing of it began. */
  | { readonly status: 'ended'; readonly handle: AttemptHandle | null };

/**
 * An attempt that is about to be started: its row is there before anything of it runs, so that whoever stops the training
 * meanwhile finds it. Of a training that was stopped nothing begins any more.
 */
export async function recordOpening(database: Database, key: AttemptKey): Promise<Opening> {
  const { training_id, attempt: number } = key;
  await database.trainingAttempt.createMany({
    data: { training_id, number, status: 'starting' },
    skipDuplicates: true,
  });
  const row = await database.trainingAttempt.findUniqueOrThrow({
    where: { training_id_number: { training_id, number } },
    include: { training: { select: { stopped_at: true } } },
  });
  const handle = row.handle ? attemptHandle.parse(row.handle) : null;
  if (!open.includes(row.status)) return { status: 'ended', handle };
  if (row.training.stopped_at === null || handle) return { status: 'open' };
  await recordStart(database, key, null);
  return { status: 'ended', handle: null };
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

/** What `exit` holds of an attempt whose end is not known: nothing, or why it is about to be stopped. */
const noEnding = [
  { exit: { equals: Prisma.DbNull } },
  ...stopReason.options.map((stopping) => ({ exit: { equals: { stopping } } })),
];

/**
 * The first end that is written counts. Two may watch an attempt, one of them taken for dead, and whoever comes second
 * may look at what the first has cleared away behind the end it wrote.
 *
 * @returns the end that counts
 */
export async function recordEnd(
  database: Database,
  key: AttemptKey,
  result: AttemptResult,
): Promise<AttemptResult> {
  const { training_id, attempt: number } = key;
  const { status, log_artifact } = result;
  await database.trainingAttempt.updateMany({
    where: { training_id, number, OR: noEnding },
    data: { status, exit: attemptEnding.parse(result), log_artifact, ended_at: new Date() },
  });
  const stored = await readEnd(database, key);
  if (!stored) throw new Error(`attempt ${number} of ${training_id} has no row`);
  return stored.result;
}

/** How an attempt ended and when (milliseconds since the epoch), where that is stored: asked again, the same. */
export async function readEnd(
  database: Database,
  { training_id, attempt }: AttemptKey,
): Promise<{ readonly result: AttemptResult; readonly ended_at: number } | null> {
  const row = await database.trainingAttempt.findUnique({
    where: { training_id_number: { training_id, number: attempt } },
  });
  const ending = attemptEnding.safeParse(row?.exit).data;
  if (!row?.ended_at || !ending) return null;
  const { status, log_artifact } = row;
  return {
    result: attemptResult.parse({ ...ending, attempt, status, log_artifact }),
    ended_at: row.ended_at.getTime(),
  };
}

/** A training that is about to be stopped: from here on no attempt of it begins. */
export async function recordStopping(database: Database, id: string): Promise<void> {
  await database.training.updateMany({ where: { id, stopped_at: null }, data: { stopped_at: new Date() } });
}

/** Attempts of a training that was stopped: none of them is alive any more. */
export async function recordStop(database: Database, training_id: string): Promise<void> {
  await database.trainingAttempt.updateMany({
    where: { training_id, status: { in: open } },
    data: { status: 'cancelled', ended_at: new Date() },
  });
}
