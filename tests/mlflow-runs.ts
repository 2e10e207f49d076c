import { z } from 'zod';

const experiments = z.object({ experiments: z.array(z.object({ experiment_id: z.string() })) });
const runs = z.object({ runs: z.array(z.object({ info: z.object({ status: z.string() }) })).default([]) });

/** States of the MLflow runs that carry a training's tag, in whatever experiment. */
export async function mlflowRunsOf(mlflow: string, trainingId: string): Promise<readonly string[]> {
  const found = await fetch(`${mlflow}/api/2.0/mlflow/experiments/search?max_results=1000`);
  const response = await fetch(`${mlflow}/api/2.0/mlflow/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      experiment_ids: experiments
        .parse(await found.json())
        .experiments.map(({ experiment_id }) => experiment_id),
      filter: `tags."watchtower.training_id" = '${trainingId}'`,
    }),
  });
  return runs.parse(await response.json()).runs.map(({ info }) => info.status);
}
