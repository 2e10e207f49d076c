import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { type Digest, type ModelDefinition, WatchtowerError } from '@watchtower/contracts';
import type { ActivityContext } from '../context.ts';
import type { TrainingActivities } from '../interfaces/training.ts';
import { activityWatch } from '../progress.ts';
import { recordEnd, recordOpening, recordStart, recordStop } from './attempt-rows.ts';
import { createProcessTrainer } from './process/index.ts';
import type { Trainer } from './trainer.ts';

export { stopAllAttempts } from './process/stop-attempts.ts';

export function createTrainingActivities(context: ActivityContext): TrainingActivities {
  const { database, artifacts, environment } = context;
  const processTrainer = createProcessTrainer(environment);
  const trainerOf = (kind: ModelDefinition['retrain']['trainer']): Trainer => {
    if (kind === 'process') return processTrainer;
    throw new WatchtowerError(
      'TrainerUnsupported',
      `The trainer "${kind}" is not built into this version. Set retrain.trainer to process.`,
    );
  };
  const storeLog = async (file: string): Promise<Digest | null> => {
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    return size === 0 ? null : artifacts.putFile(file);
  };

  return {
    startAttempt: async ({ context: run, request, attempt }) => {
      const trainer = trainerOf(run.definition.retrain.trainer);
      const key = { training_id: request.training_id, attempt };
      await recordOpening(database, key);
      const handle = await trainer.start({ definition: run.definition, request, attempt });
      await recordStart(database, key, handle);
      return { pid: handle?.pid ?? null, host: handle?.host ?? hostname() };
    },
    observeAttempt: async ({ context: run, training_id, attempt }) => {
      const trainer = trainerOf(run.definition.retrain.trainer);
      const key = { training_id, attempt };
      const end = await trainer.observe(key, run.definition, activityWatch());
      const result = { ...end, log_artifact: await storeLog(trainer.logFile(key)) };
      await recordEnd(database, key, result);
      return result;
    },
    stopTraining: async ({ training_id, trainer }) => {
      const stopped = await trainerOf(trainer).stop(training_id);
      await recordStop(database, training_id);
      return { stopped };
    },
  };
}
