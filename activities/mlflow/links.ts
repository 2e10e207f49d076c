import type { Environment } from '@watchtower/contracts';

/**
 * The page of an MLflow run, for people: below MLFLOW_UI_URL, or the tracking address where that is left out (a path in
 * front is kept). MLflow finds the run's experiment by itself.
 */
export const mlflowRunPage = (
  { MLFLOW_UI_URL, MLFLOW_TRACKING_URI }: Pick<Environment, 'MLFLOW_UI_URL' | 'MLFLOW_TRACKING_URI'>,
  mlflowRunId: string,
): string =>
  `${(MLFLOW_UI_URL ?? MLFLOW_TRACKING_URI).replace(/\/+$/, '')}/#/runs/${encodeURIComponent(mlflowRunId)}`;
