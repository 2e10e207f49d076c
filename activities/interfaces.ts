import type {
  AttemptResult,
  ChampionInfo,
  ChampionState,
  ColumnReport,
  Digest,
  DriftReport,
  EvaluationOutcome,
  EvaluationReport,
  Evidence,
  FailureCode,
  Health,
  Instant,
  JsonObject,
  LeaseAnswer,
  LeaseRelease,
  LeaseRequest,
  ModelDefinition,
  ModelName,
  Performance,
  ReasonerSettings,
  ReasonerTurn,
  ReasoningUsage,
  ReasonRequest,
  RecordedStep,
  RegisteredVersion,
  RetrainingDecision,
  RunId,
  RunOutcome,
  RunStatus,
  ScoredModel,
  StepDraft,
  TimeWindow,
  TrainingId,
  TrainingPlan,
  TrainingRequest,
  TriggerSource,
  Urgency,
} from '@watchtower/contracts';

/**
 * What workflows may ask of the outside world: their only view of it. Each activity is idempotent under the key its
 * arguments carry (docs/decisions/0001-contracts.md, section 6) and fails with a code of the catalogue.
 */

/** A run with everything that must not change while it goes on. */
export interface RunContext {
  readonly run_id: RunId;
  readonly model: ModelName;
  readonly definition: ModelDefinition;
  readonly definition_version: number;
  readonly definition_digest: Digest;
  readonly policy_version: string;
  readonly dry_run: boolean;
  readonly trigger_source: TriggerSource;
  readonly triggered_at: Instant;
  /** The window under watch, its ends resolved. */
  readonly current_window: TimeWindow;
  /** The definition's reference, used until a champion tells its own. */
  readonly reference_window: TimeWindow;
  /** Inside the current window: training before, evaluation from here on. */
  readonly split_at: Instant;
  readonly reasoner: ReasonerSettings;
}

/** Rows that change in the transaction that appends the steps. */
export interface RecordChanges {
  readonly status?: RunStatus;
  readonly outcome?: RunOutcome;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly urgency?: Urgency;
  readonly health?: Health;
  readonly evaluation_outcome?: EvaluationOutcome;
  readonly flags?: {
    readonly drift_detected?: true;
    readonly retrained?: true;
    readonly evaluated?: true;
    readonly promoted?: true;
  };
  readonly summary?: JsonObject;
  readonly decision?: RetrainingDecision;
  /** Sums of the whole run so far. */
  readonly reasoning?: ReasoningUsage;
  readonly approval?: {
    readonly status: 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';
    readonly evidence_digest: Digest;
    readonly requested_at: Instant;
    readonly deadline: Instant;
    readonly decided_at?: Instant;
    readonly decided_by?: string;
    readonly channel?: 'api' | 'signal' | 'deadline';
    readonly reason?: string;
  };
  readonly promotion?: {
    readonly status: 'intended' | 'promoted' | 'superseded' | 'failed';
    readonly version: string;
    readonly previous_version: string | null;
    readonly registered_model: string;
    readonly alias: string;
    readonly detail?: string;
  };
  readonly training?: {
    readonly status: 'opened' | 'running' | 'succeeded' | 'failed' | 'cancelled';
    readonly version?: string;
    readonly failure?: string;
  };
}

export interface AuditActivities {
  /** Appends steps and changes the records that belong to them, in one transaction. Key: (run, number). */
  record(input: {
    readonly run_id: RunId;
    readonly steps: readonly StepDraft[];
    readonly changes?: RecordChanges;
  }): Promise<readonly RecordedStep[]>;
  readPen(input: { readonly run_id: RunId }): Promise<{ readonly next: number; readonly head: Digest }>;
}

export interface RunActivities {
  /** The frozen context of a run. Key: run id. */
  openRun(input: { readonly run_id: RunId }): Promise<RunContext>;
  /** Mints and writes the run of a Schedule's trigger. Key: the trigger's workflow id. */
  acceptScheduledRun(input: {
    readonly model: ModelName;
    readonly trigger: string;
    readonly triggered_at: Instant;
  }): Promise<{ readonly run_id: RunId; readonly dry_run: boolean }>;
  /** How the champion does by the evaluations so far; null where none measured it since its promotion. Read only. */
  readPerformance(input: {
    readonly context: RunContext;
    readonly champion_version: string;
  }): Promise<Performance | null>;
  readRunStatus(input: { readonly run_id: RunId }): Promise<{ readonly status: RunStatus }>;
  /** Starts what was accepted and never began, exports what has ended, and names what has to be closed. */
  sweepRuns(): Promise<SweepFindings>;
  /** What became of a run's promotion: where nobody wrote its outcome, what the alias says of it. Read only. */
  settlePromotion(input: { readonly run_id: RunId }): Promise<SettledPromotion | null>;
}

export interface SettledPromotion {
  readonly promotion: NonNullable<RecordChanges['promotion']>;
  /** Its outcome is still to be written. */
  readonly unwritten: boolean;
}

/** A run whose workflow has ended without closing it. */
export interface StrayRun {
  readonly run_id: RunId;
  readonly failure: { readonly code: FailureCode; readonly message: string };
  readonly status: 'failed' | 'cancelled';
  /** A training of it that nobody watches any more. */
  readonly open_training: {
    readonly training_id: TrainingId;
    readonly mlflow_run_id: string;
    readonly trainer: ModelDefinition['retrain']['trainer'];
  } | null;
  readonly open_promotion: boolean;
}

export interface SweepFindings {
  readonly started: number;
  readonly exported: number;
  readonly synchronised: number;
  readonly repaired: number;
  readonly strays: readonly StrayRun[];
  /** Rows that could not be looked at this time, with why. */
  readonly errors: readonly string[];
}

export interface DriftActivities {
  /** Compares the windows and stores the report; a summary comes back. Key: run id. */
  measureDrift(input: {
    readonly context: RunContext;
    readonly reference: TimeWindow;
  }): Promise<DriftSummary>;
  /** The whole of the stored report's answer to one question. Read only. */
  inspectDrift(input: { readonly run_id: RunId; readonly question: DriftQuestion }): Promise<JsonObject>;
}
export type DriftQuestion =
  | { readonly kind: 'statistical' }
  | { readonly kind: 'feature'; readonly column: string }
  | { readonly kind: 'target' }
  /** Whether the data have these features. */
  | { readonly kind: 'features'; readonly names: readonly string[] };
export interface DriftSummary {
  readonly report_digest: Digest;
  readonly dataset: DriftReport['dataset'];
  readonly columns: Evidence['columns'];
  readonly target: DriftReport['target'];
  readonly worst_severity: ColumnReport['severity'];
  readonly max_psi: number | null;
}

export interface ReasoningActivities {
  /** One turn of a reasoner. Key: (run, turn). */
  reason(request: ReasonRequest): Promise<ReasonerTurn>;
}

export interface MlflowActivities {
  /** The version under the alias with its training window, or null where the alias or the model does not exist. */
  readChampion(input: {
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

export interface TrainingActivities {
  /** Starts attempt n, or adopts the one that is there. Key: (training, attempt). */
  startAttempt(input: {
    readonly context: RunContext;
    readonly request: TrainingRequest;
    readonly attempt: number;
  }): Promise<{ readonly pid: number | null; readonly host: string }>;
  /** Waits for its end with heartbeats `{seconds, log_lines, last_line}`; obeys cancellation by leaving (stopTraining kills). */
  observeAttempt(input: {
    readonly context: RunContext;
    readonly training_id: TrainingId;
    readonly attempt: number;
  }): Promise<AttemptResult>;
  /** Kills what is left of any attempt and forbids one still starting. */
  stopTraining(input: {
    readonly training_id: TrainingId;
    readonly trainer: ModelDefinition['retrain']['trainer'];
  }): Promise<{ readonly stopped: number }>;
}

export interface EvaluationActivities {
  /** The held-out rows with a label, as a Parquet artifact. Key: run id. */
  prepareEvaluation(input: { readonly context: RunContext }): Promise<{
    readonly rows_artifact: Digest;
    readonly rows: number;
    readonly unlabelled: number;
    readonly window: TimeWindow;
  }>;
  /** Scores the rows with one version in its own environment. Key: (run, version). */
  scoreModel(input: {
    readonly context: RunContext;
    readonly version: RegisteredVersion & { readonly training_window: TimeWindow | null };
    readonly rows_artifact: Digest;
  }): Promise<ScoredModel>;
  /** Metrics and gates on the stored predictions; stores the evaluation. Key: run id. */
  compareModels(input: {
    readonly context: RunContext;
    readonly challenger: ScoredModel;
    readonly champion: ScoredModel | null;
    readonly rows_artifact: Digest;
    readonly window: TimeWindow;
  }): Promise<EvaluationReport>;
}

export interface LeaseActivities {
  /** Update-with-start on `champion/<model>`. The request id is never used twice: a repeated one gets the first answer. */
  acquireLease(input: {
    readonly model: ModelName;
    readonly request: LeaseRequest;
    readonly request_id: string;
  }): Promise<LeaseAnswer>;
  releaseLease(input: {
    readonly model: ModelName;
    readonly release: LeaseRelease;
    readonly request_id: string;
  }): Promise<void>;
  /** The entity's memory in Postgres. */
  loadChampion(input: { readonly model: ModelName }): Promise<ChampionState & { readonly epoch: number }>;
  /** Compare-and-set by epoch: false where somebody else wrote meanwhile. */
  saveChampion(input: {
    readonly model: ModelName;
    readonly state: ChampionState;
    readonly expected_epoch: number;
  }): Promise<boolean>;
  /** Whether a lease's holder is certainly gone; if so, what it left running or half done is settled first. */
  reclaimLease(input: {
    readonly model: ModelName;
    readonly lease: LeaseRequest & { readonly since: Instant };
  }): Promise<{ readonly reclaimed: boolean }>;
}
