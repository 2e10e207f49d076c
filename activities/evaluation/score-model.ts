import type { ActivityContext } from '../context.ts';
import type { EvaluationActivities } from '../interfaces/evaluation.ts';
import { createMlflowClient } from '../mlflow/mlflow-client.ts';
import { readVersion } from '../mlflow/registry.ts';
import { withProgress } from '../progress.ts';
import { readScores } from './held-out-scores.ts';
import { judgeModel } from './judging.ts';
import { scoreRows } from './score-rows.ts';

type Score = EvaluationActivities['scoreModel'];

/** Has one version predict the held-out rows, stores the predictions and takes its metrics. */
export async function scoreModel(
  { environment, artifacts }: ActivityContext,
  { context, version, rows_artifact }: Parameters<Score>[0],
): ReturnType<Score> {
  const { definition, run_id } = context;
  const rows = await artifacts.pathOf(rows_artifact);
  // The workflow knows its challenger by the version alone.
  const runOfVersion = async () => {
    const client = createMlflowClient(environment);
    return (await readVersion(client, version.registered_model, version.version)).run_id;
  };
  return withProgress(`scoring version ${version.version}`, (progress) =>
    scoreRows({ environment, definition, run_id, version, rows, progress }, async (predictions) => ({
      version: version.version,
      mlflow_run_id: version.mlflow_run_id ?? (await runOfVersion()),
      training_window: version.training_window,
      metrics: await judgeModel(await readScores(definition, rows, predictions), progress.signal),
      predictions_artifact: await artifacts.putFile(predictions),
    })),
  );
}
