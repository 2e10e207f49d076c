import { type AttemptHandle, attemptHandle, type TrainingId } from '@watchtower/contracts';
import { type Database, Prisma } from '@watchtower/database';
import { z } from 'zod';
import { type StopReason, stopReason } from './stop-reason.ts';
import type { AttemptKey } from './trainer.ts';

/** What the attempts' rows tell a trainer that has no folder of its own to remember by. */
export interface AttemptLedger {
  /** Writes down what the attempt will be found by, unless that was done before. @returns the handle that counts */
  claim(key: AttemptKey, handle: AttemptHandle): Promise<AttemptHandle>;
  /** Null where nothing was claimed. */
  handle(key: AttemptKey): Promise<AttemptHandle | null>;
  /** All attempts of a training that claimed something, in their order. */
  handles(
    training: TrainingId,
  ): Promise<readonly { attempt: number; handle: AttemptHandle; ended: boolean }[]>;
  stopped(training: TrainingId): Promise<boolean>;
  /**
   * Whether something of the attempt may begin: asked between making it and running it. Not where the training was stopped,
   * nor where the attempt has ended while whoever asks was held up.
   */
  mayBegin(key: AttemptKey): Promise<boolean>;
  /** Writes down why an attempt is about to be stopped. @returns the reason that was written first */
  noteStop(key: AttemptKey, reason: StopReason): Promise<StopReason>;
  stopReason(key: AttemptKey): Promise<StopReason | null>;
  /** Of these trainings, those that our database knows and holds as settled or stopped. */
  settled(trainings: readonly string[]): Promise<ReadonlySet<string>>;
}

const stopping = z.object({ stopping: stopReason });
const open = ['starting', 'running'];

export function databaseLedger(database: Database): AttemptLedger {
  const find = ({ training_id, attempt }: AttemptKey) =>
    database.trainingAttempt.findUnique({
      where: { training_id_number: { training_id, number: attempt } },
    });
  const handleOf = async (key: AttemptKey): Promise<AttemptHandle | null> => {
    const row = await find(key);
    return row?.handle ? attemptHandle.parse(row.handle) : null;
  };
  const reasonOf = async (key: AttemptKey): Promise<StopReason | null> =>
    stopping.safeParse((await find(key))?.exit).data?.stopping ?? null;

  return {
    claim: async (key, handle) => {
      await database.trainingAttempt.updateMany({
        where: {
          training_id: key.training_id,
          number: key.attempt,
          handle: { equals: Prisma.DbNull },
        },
        data: { handle },
      });
      const counts = await handleOf(key);
      if (!counts) throw new Error(`attempt ${key.attempt} of ${key.training_id} has no row`);
      return counts;
    },
    handle: handleOf,
    handles: async (training_id) => {
      const rows = await database.trainingAttempt.findMany({
        where: { training_id },
        orderBy: { number: 'asc' },
      });
      return rows.flatMap(({ number, handle, status }) =>
        handle
          ? [{ attempt: number, handle: attemptHandle.parse(handle), ended: !open.includes(status) }]
          : [],
      );
    },
    stopped: async (id) => {
      const training = await database.training.findUnique({ where: { id }, select: { stopped_at: true } });
      return training?.stopped_at !== null;
    },
    mayBegin: async ({ training_id, attempt }) => {
      const row = await database.trainingAttempt.findUnique({
        where: { training_id_number: { training_id, number: attempt } },
        include: { training: { select: { stopped_at: true } } },
      });
      return row !== null && open.includes(row.status) && row.training.stopped_at === null;
    },
    noteStop: async (key, reason) => {
      await database.trainingAttempt.updateMany({
        where: { training_id: key.training_id, number: key.attempt, exit: { equals: Prisma.DbNull } },
        data: { exit: { stopping: reason } },
      });
      return (await reasonOf(key)) ?? reason;
    },
    stopReason: reasonOf,
    settled: async (trainings) => {
      const rows = await database.training.findMany({
        where: {
          id: { in: [...trainings] },
          OR: [{ stopped_at: { not: null } }, { status: { notIn: ['opened', 'running'] } }],
        },
        select: { id: true },
      });
      return new Set(rows.map(({ id }) => id));
    },
  };
}
