import {
  type ModelDefinition,
  type TimeWindow,
  type TrainingId,
  type TrainingPlan,
  type TrainingRequest,
  trainingRequest,
} from '@watchtower/contracts';

/** What the trainer is asked: the reasoner's plan where it says something, the definition otherwise. */
export function trainingRequestOf(input: {
  readonly training_id: TrainingId;
  readonly definition: ModelDefinition;
  readonly plan: TrainingPlan;
  readonly data_window: TimeWindow;
  readonly data_path: string | null;
  readonly mlflow_run_id: string;
  readonly mlflow_tracking_uri: string;
}): TrainingRequest {
  const { training_id, definition, plan, data_window, data_path, mlflow_run_id, mlflow_tracking_uri } = input;
  const { retrain, data, model, registered_model } = definition;
  return trainingRequest.parse({
    training_id,
    model,
    registered_model,
    mlflow_run_id,
    mlflow_tracking_uri,
    strategy: plan.strategy,
    feature_subset: plan.feature_subset ?? retrain.feature_subset ?? null,
    class_weights: plan.class_weights ?? retrain.class_weights ?? null,
    seed: plan.seed ?? retrain.seed,
    notes: [retrain.notes, plan.notes ?? ''].filter(Boolean).join('\n'),
    hyperparameters: retrain.hyperparameters,
    target: data.target,
    time_column: data.time_column,
    data_window,
    data_path,
  });
}
