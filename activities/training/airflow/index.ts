import type { Environment } from '@watchtower/contracts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { Trainer } from '../trainer.ts';
import { createAirflowClient } from './airflow-client.ts';
import { observeAttempt } from './observe-attempt.ts';
import { startAttempt } from './start-attempt.ts';
import { stopTraining } from './stop-training.ts';

/** Trains in a DAG run of an Airflow 2.x or 3.x; docs/decisions/0005-trainers.md says by what it is found again. */
export function createAirflowTrainer(environment: Environment, ledger: AttemptLedger): Trainer {
  const context = { client: createAirflowClient(environment), ledger, environment };
  return {
    start: (order) => startAttempt(context, order),
    observe: (key, definition, watch) => observeAttempt(context, key, definition, watch),
    // Its runs stay in Airflow, for people.
    release: async () => undefined,
    stop: (trainingId) => stopTraining(context, trainingId),
  };
}
