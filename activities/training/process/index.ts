import path from 'node:path';
import type { Environment } from '@watchtower/contracts';
import type { AttemptKey, Trainer } from '../trainer.ts';
import { attemptFiles } from './attempt-files.ts';
import { attemptFolder } from './attempt-folder.ts';
import { observeAttempt } from './observe-attempt.ts';
import { startAttempt } from './start-attempt.ts';
import { stopTraining } from './stop-attempts.ts';

/** Trains in a process beside the worker, which it outlives: a folder an attempt, under WORKSPACE_BASE_DIR. */
export function createProcessTrainer(environment: Environment): Trainer {
  const workspace = environment.WORKSPACE_BASE_DIR;
  return {
    start: (order) => startAttempt(environment, order),
    observe: (key, definition, watch) => observeAttempt(workspace, key, definition, watch),
    logFile: (key: AttemptKey) => path.join(attemptFolder(workspace, key), attemptFiles.log),
    stop: (trainingId) => stopTraining(workspace, trainingId),
  };
}
