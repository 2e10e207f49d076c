import type {
  FailureCode,
  Instant,
  ModelDefinition,
  ModelName,
  Performance,
  RunId,
  RunStatus,
  TrainingId,
} from '@watchtower/contracts';
import type { RecordChanges } from './audit.ts';
import type { RunContext } from './run-context.ts';

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
