import { WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import { isRefusal, type MlflowClient } from './mlflow-client.ts';
import { acknowledged, type MlflowRun, mlflowRun, type runStatus } from './shapes.ts';

const api = 'api/2.0/mlflow';
const oneExperiment = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const experimentPage = z.object({
  experiments: z.array(z.object({ experiment_id: z.string() })).default([]),
  next_page_token: z.string().optional(),
});
const oneRun = z.object({ run: mlflowRun });

/** The tag under which a training's run is found again. */
export const trainingTag = 'watchtower.training_id';

/** The experiment's id; it is made where it is missing. Two makers at once get the same one. */
export async function ensureExperiment(client: MlflowClient, name: string): Promise<string> {
  const read = async () => {
    const found = await client.get(
      `${api}/experiments/get-by-name`,
      { experiment_name: name },
      oneExperiment,
    );
    return found.experiment.experiment_id;
  };
  try {
    return await read();
  } catch (error) {
    if (!isRefusal(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
  }
  try {
    const made = await client.send(
      'POST',
      `${api}/experiments/create`,
      { name },
      z.object({ experiment_id: z.string() }),
    );
    return made.experiment_id;
  } catch (error) {
    if (isRefusal(error, 'RESOURCE_ALREADY_EXISTS')) return read();
    throw error;
  }
}

/** The ids of all experiments that are not deleted: a trainer's own run may be in any. */
export async function listExperiments(client: MlflowClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let page_token: string | undefined; ; ) {
    const found = await client.send(
      'POST',
      `${api}/experiments/search`,
      { max_results: 1000, page_token },
      experimentPage,
    );
    ids.push(...found.experiments.map(({ experiment_id }) => experiment_id));
    page_token = found.next_page_token || undefined;
    if (page_token === undefined) return ids;
  }
}

/** Runs of these experiments that carry the training's tag, oldest first. */
export async function findTrainingRuns(
  client: MlflowClient,
  experiments: readonly string[],
  trainingId: string,
): Promise<readonly MlflowRun[]> {
  const found = await client.send(
    'POST',
    `${api}/runs/search`,
    {
      experiment_ids: experiments,
      filter: `tags.\`${trainingTag}\` = '${trainingId}'`,
      order_by: ['attributes.start_time ASC'],
      max_results: 50,
    },
    z.object({ runs: z.array(mlflowRun).default([]) }),
  );
  return found.runs;
}

export async function createRun(
  client: MlflowClient,
  experimentId: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<MlflowRun> {
  const body = {
    experiment_id: experimentId,
    run_name: name,
    start_time: Date.now(),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  };
  return (await client.send('POST', `${api}/runs/create`, body, oneRun)).run;
}

/** @throws WatchtowerError `MlflowRejected` where there is none */
export async function readRun(client: MlflowClient, runId: string): Promise<MlflowRun> {
  return (await client.get(`${api}/runs/get`, { run_id: runId }, oneRun)).run;
}

/** Puts it into MLflow's bin. */
export async function deleteRun(client: MlflowClient, runId: string): Promise<void> {
  await client.send('POST', `${api}/runs/delete`, { run_id: runId }, acknowledged);
}

export async function setRunStatus(
  client: MlflowClient,
  runId: string,
  status: z.infer<typeof runStatus>,
): Promise<void> {
  const ended = status === 'RUNNING' || status === 'SCHEDULED' ? {} : { end_time: Date.now() };
  await client.send('POST', `${api}/runs/update`, { run_id: runId, status, ...ended }, acknowledged);
}

/** The one run of a training, or none yet. Several are somebody's mistake that we can't settle. */
export function onlyRun(runs: readonly MlflowRun[], trainingId: string): MlflowRun | null {
  const [first, second] = runs;
  if (second === undefined) return first ?? null;
  const ids = runs.map(({ info }) => info.run_id).join(', ');
  throw new WatchtowerError(
    'MlflowRejected',
    `Several MLflow runs carry the tag ${trainingTag} = ${trainingId}: ${ids}. Delete all but the one that counts.`,
  );
}
