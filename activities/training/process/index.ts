import type { Environment } from '@watchtower/contracts';
import type { Trainer } from '../trainer.ts';
import { observeAttempt } from './observe-attempt.ts';
import { startAttempt } from './start-attempt.ts';
import { stopTraining } from './stop-attempts.ts';

/** Trains in a process beside the worker, which it outlives: a folder an attempt, under WORKSPACE_BASE_DIR. */
export function createProcessTrainer(environment: Environment): Trainer {
  const workspace = environment.WORKSPACE_BASE_DIR;
  return {
    start: (order) => startAttempt(environment, order),
    observe: (key, definition, watch) => observeAttempt(workspace, key, definition, watch),
    // Its folder stays: people look into it.
    release: async () => undefined,
    stop: (trainingId) => stopTraining(workspace, trainingId),
  };
}
