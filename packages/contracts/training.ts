import { z } from 'zod';
import { timeWindow } from './data-definition.ts';
import { digest, modelName, trainingId } from './identifiers.ts';

export const trainingStatus = z.enum(['opened', 'running', 'succeeded', 'failed', 'cancelled']);
export type TrainingStatus = z.infer<typeof trainingStatus>;
export const attemptStatus = z.enum(['starting', 'running', 'succeeded', 'failed', 'lost', 'cancelled']);
export type AttemptStatus = z.infer<typeof attemptStatus>;

export const trainingStrategy = z.enum([
  'fine_tune',
  'full_retrain',
  'data_augmentation',
  'architecture_change',
  'ensemble',
]);

/** What the reasoner may choose about a retraining; the rest is the definition's. */
export const trainingKnobs = z.strictObject({
  feature_subset: z.array(z.string().max(200)).min(1).max(500).optional(),
  class_weights: z
    .record(z.string().max(200), z.number().positive())
    .refine((weights) => Object.keys(weights).length <= 500, 'at most 500 classes')
    .optional(),
  seed: z.int().min(0).max(2_147_483_647).optional(),
  notes: z.string().max(4000).optional(),
});

export const trainingPlan = trainingKnobs.extend({
  reason: z.string().min(1).max(4000),
  strategy: trainingStrategy.default('full_retrain'),
});
export type TrainingPlan = z.infer<typeof trainingPlan>;

/**
 * What a trainer's job reads: the file named by `WATCHTOWER_TRAINING_REQUEST` (`process`, `docker`), or the DAG run's
 * `conf` (`airflow`). The same JSON for all. `MLFLOW_RUN_ID` and `MLFLOW_TRACKING_URI` are in the environment as well.
 */
export const trainingRequest = z.object({
  training_id: trainingId,
  model: modelName,
  registered_model: modelName,
  mlflow_run_id: z.string().min(1),
  mlflow_tracking_uri: z.string().min(1),
  strategy: trainingStrategy,
  /** Features to use; null means all. */
  feature_subset: z.array(z.string()).nullable(),
  class_weights: z.record(z.string(), z.number()).nullable(),
  seed: z.int(),
  notes: z.string(),
  hyperparameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  target: z.string(),
  time_column: z.string(),
  /** Rows with `from <= time < to` may be used, no others: what lies after is for the evaluation. */
  data_window: timeWindow,
  /** Parquet file with those rows, or null where the job reads the data itself. */
  data_path: z.string().nullable(),
});
export type TrainingRequest = z.infer<typeof trainingRequest>;

/** Where an attempt runs, and by what it is found again (docs/decisions/0005-trainers.md). */
export const attemptHandle = z.discriminatedUnion('trainer', [
  z.object({
    trainer: z.literal('process'),
    host: z.string(),
    pid: z.int().nullable(),
    started_at: z.string(),
  }),
  z.object({
    trainer: z.literal('docker'),
    /** The engine's own id: a container's name says nothing on another engine. */
    engine: z.string(),
    /** The engine's host, for people. */
    host: z.string(),
    /** Name of the workspace's container; those of the phases begin with it. */
    container: z.string(),
    started_at: z.string(),
  }),
  z.object({
    trainer: z.literal('airflow'),
    api_url: z.string(),
    dag_id: z.string(),
    dag_run_id: z.string(),
    started_at: z.string(),
  }),
]);
export type AttemptHandle = z.infer<typeof attemptHandle>;

/** Why an attempt did not succeed. */
export const attemptFailure = z.enum([
  'TrainingFailed',
  'TrainingSetupFailed',
  'TrainingOutOfMemory',
  'TrainingStuck',
  'TrainingTimedOut',
  'TrainingCancelled',
]);
export type AttemptFailure = z.infer<typeof attemptFailure>;

export const attemptResult = z.object({
  attempt: z.int().min(1),
  status: attemptStatus,
  exit_code: z.int().nullable(),
  /** Last lines of the log, at most 4 KiB. */
  log_tail: z.string(),
  log_artifact: digest.nullable(),
  /** Tar of what a job without network left in its output folder; null where it logged into MLflow by itself. */
  output_artifact: digest.nullable(),
  failure_code: attemptFailure.nullable(),
  seconds: z.number().min(0),
});
export type AttemptResult = z.infer<typeof attemptResult>;

/** A model version in MLflow's registry. */
export const registeredVersion = z.object({
  registered_model: modelName,
  version: z.string().regex(/^\d+$/),
  mlflow_run_id: z.string().nullable(),
  source: z.string(),
});
export type RegisteredVersion = z.infer<typeof registeredVersion>;

/** The version under the champion alias, with what its tags say. */
export const championInfo = registeredVersion.extend({
  /** The window it was trained on (tags `watchtower.window_from`, `watchtower.window_to`), where known. */
  training_window: timeWindow.nullable(),
});
export type ChampionInfo = z.infer<typeof championInfo>;
