import { Context } from '@temporalio/activity';
import type { ActivityContext } from '../context.ts';
import type { MlflowActivities } from '../interfaces/mlflow.ts';
import { withProgress, withRepeatedBeats } from '../progress.ts';
import { closeTrainingRun } from './close-training-run.ts';
import { collectTraining } from './collect-training.ts';
import { createMlflowClient } from './mlflow-client.ts';
import { openTraining } from './open-training.ts';
import { readWatchedChampion } from './read-champion.ts';
import { readPromotion } from './read-promotion.ts';
import { registerChallenger } from './register-challenger.ts';
import { setChampion } from './set-champion.ts';

export function createMlflowActivities(context: ActivityContext): MlflowActivities {
  const client = createMlflowClient(context.environment);
  return {
    readChampion: (input) => readWatchedChampion(context.database, client, input),
    openTraining: (input) => withProgress('opening the training', () => openTraining(context, client, input)),
    // MLflow stores a large file in silence, for longer than a heartbeat may be missing.
    collectTraining: (input) => withRepeatedBeats((watch) => collectTraining(context, client, input, watch)),
    registerChallenger: (input) => registerChallenger(client, input),
    closeTrainingRun: (input) => closeTrainingRun(client, input),
    readPromotion: (input) => readPromotion(context.database, client, input),
    setChampion: async (input) => ({
      ...(await setChampion(client, input)),
      attempts: Context.current().info.attempt,
    }),
  };
}
