import { isRefusal, type MlflowClient } from './mlflow-client.ts';
import { readRun, setRunStatus } from './runs.ts';

/** Ends the MLflow run of a training that did not succeed. A run that people deleted is left alone. */
export async function closeTrainingRun(
  client: MlflowClient,
  { mlflow_run_id, status }: { readonly mlflow_run_id: string; readonly status: 'FAILED' | 'KILLED' },
): Promise<void> {
  try {
    const run = await readRun(client, mlflow_run_id);
    if (run.info.status === status || run.info.lifecycle_stage !== 'active') return;
    await setRunStatus(client, mlflow_run_id, status);
  } catch (error) {
    if (!isRefusal(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
  }
}
