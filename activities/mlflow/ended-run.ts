import { type TrainingId, WatchtowerError } from '@watchtower/contracts';
import type { Watch } from '../progress.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { findTrainingRuns, listExperiments, onlyRun, readRun, setRunStatus } from './runs.ts';
import type { MlflowRun } from './shapes.ts';

/** A trainer that ended well has this long to have ended its MLflow run, too. */
const runEndLimitMs = 60_000;

export interface TrainingRun {
  readonly training_id: TrainingId;
  /** The run that was opened for it. */
  readonly mlflow_run_id: string;
}

/**
 * The one run that tells the training's result: ours, or one that the trainer opened by itself under the tag, in whatever
 * experiment. Waits until it has ended.
 *
 * @throws WatchtowerError `TrainingFailed` where ours has failed or does not end; `MlflowRejected` where several would do
 */
export async function endedRun(
  client: MlflowClient,
  { training_id, mlflow_run_id }: TrainingRun,
  watch: Pick<Watch, 'beat' | 'pause'>,
  limitMs = runEndLimitMs,
): Promise<MlflowRun> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const { status, run_id } = (await readRun(client, mlflow_run_id)).info;
    if (status === 'FAILED' || status === 'KILLED') {
      throw new WatchtowerError(
        'TrainingFailed',
        `The training's program ended well, but its MLflow run ${run_id} is ${status}. See the run and the attempt's log.`,
      );
    }
    const tagged = await findTrainingRuns(client, await listExperiments(client), training_id);
    const found = onlyRun(
      tagged.filter(({ info }) => info.status === 'FINISHED'),
      training_id,
    );
    if (found) {
      if (status !== 'FINISHED') await setRunStatus(client, run_id, 'FINISHED');
      return readRun(client, found.info.run_id);
    }
    if (Date.now() > deadline) {
      throw new WatchtowerError(
        'TrainingFailed',
        `The training's program ended, but its MLflow run ${run_id} is still ${status} after ${limitMs / 1000} s. Let the program go on with the run named by MLFLOW_RUN_ID and end it.`,
      );
    }
    watch.beat({ waiting_for: 'end of the MLflow run', run_id, status });
    await watch.pause(1_000);
  }
}
