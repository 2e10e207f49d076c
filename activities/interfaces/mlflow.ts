import type {
  ChampionInfo,
  Digest,
  ModelName,
  RegisteredVersion,
  RunId,
  TimeWindow,
  TrainingId,
  TrainingPlan,
  TrainingRequest,
} from '@watchtower/contracts';
import type { RunContext } from './run-context.ts';

export interface MlflowActivities {
  /**
   * The champion a run is compared with: the version under the alias with its training window, or null where the alias
   * or the model does not exist. A run whose own promotion is in effect gets the champion that it replaced.
   */
  readChampion(input: {
    readonly run_id: RunId;
    readonly registered_model: ModelName;
    readonly alias: string;
  }): Promise<ChampionInfo | null>;
  /** Opens the MLflow run of a training before anything is started, and writes the training's row. Key: training id. */
  openTraining(input: {
    readonly context: RunContext;
    readonly training_id: TrainingId;
    readonly plan: TrainingPlan;
    readonly data_window: TimeWindow;
  }): Promise<{
    readonly request: TrainingRequest;
    readonly mlflow_url: string;
  }>;
  /** Adopts one attempt's result: waits for the MLflow run's end, checks the model's files, reads metrics. Key: training id. */
  collectTraining(input: {
    readonly training_id: TrainingId;
    readonly attempt: number;
    readonly mlflow_run_id: string;
  }): Promise<{
    readonly metrics: Readonly<Record<string, number>>;
    readonly model_source: string;
    readonly mlflow_run_id: string;
    /** SHA-256 over names and contents of the model's files. */
    readonly model_digest: Digest;
  }>;
  /** Registers the version, once. Key: MLflow run id. */
  registerChallenger(input: {
    readonly training_id: TrainingId;
    readonly registered_model: ModelName;
    readonly mlflow_run_id: string;
    readonly model_source: string;
    readonly data_window: TimeWindow;
    readonly run_id: RunId;
  }): Promise<RegisteredVersion>;
  /** Sets the MLflow run of a training that did not succeed to FAILED or KILLED. */
  closeTrainingRun(input: {
    readonly training_id: TrainingId;
    readonly mlflow_run_id: string;
    readonly status: 'FAILED' | 'KILLED';
  }): Promise<void>;
  /** What a promotion compares before it acts. */
  readPromotion(input: { readonly context: RunContext; readonly version: string }): Promise<{
    readonly champion_version: string | null;
    /** The parts of the current definition an approval rests on are still those of the run. */
    readonly basis_unchanged: boolean;
    readonly files_present: boolean;
  }>;
  /** Reads, compares with the expected champion, sets the alias, reads back, tags the version. Key: (run, version). */
  setChampion(input: {
    readonly run_id: RunId;
    readonly registered_model: ModelName;
    readonly alias: string;
    readonly version: string;
    readonly expected_version: string | null;
    readonly audit_head: Digest;
  }): Promise<{
    readonly status: 'promoted' | 'superseded';
    readonly champion_version: string | null;
    readonly attempts: number;
  }>;
}
