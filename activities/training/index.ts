import { rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { AttemptHandle, Digest, TrainerName } from '@watchtower/contracts';
import type { ActivityContext } from '../context.ts';
import type { TrainingActivities } from '../interfaces/training.ts';
import { withProgress, withRepeatedBeats } from '../progress.ts';
import { createAirflowTrainer } from './airflow/index.ts';
import { databaseLedger } from './attempt-ledger.ts';
import {
  readEnd,
  recordEnd,
  recordOpening,
  recordStart,
  recordStop,
  recordStopping,
} from './attempt-rows.ts';
import { createDockerTrainer } from './docker/index.ts';
import { createProcessTrainer } from './process/index.ts';
import type { Trainer } from './trainer.ts';

export { stopAllAttempts } from './process/stop-attempts.ts';

export function createTrainingActivities(context: ActivityContext): TrainingActivities {
  const { database, artifacts, environment } = context;
  const ledger = databaseLedger(database);
  const trainers: Readonly<Record<TrainerName, Trainer>> = {
    process: createProcessTrainer(environment),
    docker: createDockerTrainer(environment, ledger),
    airflow: createAirflowTrainer(environment, ledger),
  };
  const store = async (file: string | null): Promise<Digest | null> => {
    if (file === null) return null;
    const { size } = await stat(file);
    return size === 0 ? null : artifacts.putFile(file);
  };

  return {
    startAttempt: async ({ context: run, request, attempt }) => {
      const trainer = trainers[run.definition.retrain.trainer];
      const key = { training_id: request.training_id, attempt };
      const opening = await recordOpening(database, key);
      if (opening.status === 'ended') return { place: placeOf(opening.handle) };
      const handle = await withProgress('starting the attempt', () =>
        trainer.start({ definition: run.definition, request, attempt }),
      );
      await recordStart(database, key, handle);
      return { place: placeOf(handle) };
    },
    observeAttempt: ({ context: run, training_id, attempt }) =>
      withRepeatedBeats(async (watch) => {
        const trainer = trainers[run.definition.retrain.trainer];
        const key = { training_id, attempt };
        const stored = await readEnd(database, key);
        if (stored) {
          await trainer.release(key);
          return stored.result;
        }
        const { log_file, output_file, ...end } = await trainer.observe(key, run.definition, watch);
        const [log_artifact, output_artifact] = await Promise.all([store(log_file), store(output_file)]);
        const counts = await recordEnd(database, key, { ...end, log_artifact, output_artifact });
        // The artifact is the file that counts from now on.
        if (output_file !== null) await rm(output_file, { force: true });
        await trainer.release(key);
        return counts;
      }),
    stopTraining: async ({ training_id, trainer }) => {
      await recordStopping(database, training_id);
      const stopped = await trainers[trainer].stop(training_id);
      await recordStop(database, training_id);
      return { stopped };
    },
  };
}

/** In words, for the step that says so. */
function placeOf(handle: AttemptHandle | null): string {
  switch (handle?.trainer) {
    case undefined:
      return hostname();
    case 'process':
      return handle.pid === null ? handle.host : `process ${handle.pid} on ${handle.host}`;
    case 'docker':
      return `container ${handle.container} on ${handle.host}`;
    case 'airflow':
      return `DAG run ${handle.dag_run_id} of ${handle.dag_id}`;
  }
}
