import { hostname } from 'node:os';
import { type AttemptHandle, type Environment, WatchtowerError } from '@watchtower/contracts';
import { attemptFolder } from '../attempt-folder.ts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey, Trainer } from '../trainer.ts';
import { attemptFiles, claim, readRecord } from './attempt-files.ts';
import { observeAttempt } from './observe-attempt.ts';
import { startAttempt } from './start-attempt.ts';
import { stopTraining } from './stop-attempts.ts';

/** Trains in a process beside the worker, which it outlives: a folder an attempt, under WORKSPACE_BASE_DIR. */
export function createProcessTrainer(environment: Environment, ledger: AttemptLedger): Trainer {
  const workspace = environment.WORKSPACE_BASE_DIR;
  return {
    start: async (order) => {
      const key = { training_id: order.request.training_id, attempt: order.attempt };
      const handle = await ledger.claim(key, {
        trainer: 'process',
        host: hostname(),
        pid: null,
        started_at: new Date().toISOString(),
      });
      await assertSeenFromHere(workspace, key, handle);
      const started = await startAttempt(environment, order);
      if (!(await ledger.stopped(key.training_id))) return started;
      // Stopped meanwhile, perhaps on a host that does not see this one's folders.
      await stopTraining(workspace, key.training_id);
      return null;
    },
    observe: async (key, definition, watch) => {
      const handle = await ledger.handle(key);
      if (handle) await assertSeenFromHere(workspace, key, handle);
      return observeAttempt(workspace, key, definition, watch);
    },
    // Its folder stays: people look into it.
    release: async () => undefined,
    stop: async (training_id) => {
      const stopped = await stopTraining(workspace, training_id);
      for (const { attempt, handle, ended } of await ledger.handles(training_id)) {
        if (!ended) await assertSeenFromHere(workspace, { training_id, attempt }, handle);
      }
      return stopped;
    },
  };
}

/** An attempt of another host shows here where hosts share their folders; else a folder that is empty says nothing of it. */
async function assertSeenFromHere(workspace: string, key: AttemptKey, handle: AttemptHandle): Promise<void> {
  if (handle.trainer === 'process' && handle.host === hostname()) return;
  const claimed = await readRecord(attemptFolder(workspace, key), attemptFiles.claim, claim);
  if (claimed?.kind === 'runner') return;
  const where = handle.trainer === 'process' ? `host ${handle.host}` : `the trainer ${handle.trainer}`;
  throw new WatchtowerError(
    'TrainerUnavailable',
    `Attempt ${key.attempt} of ${key.training_id} belongs to ${where}, whose processes can't be seen from host ${hostname()}. It is tried again; let a worker run there, or cancel the run.`,
  );
}
