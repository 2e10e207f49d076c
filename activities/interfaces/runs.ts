import type {
  FailureCode,
  Instant,
  ModelDefinition,
  ModelName,
  Performance,
  RunId,
  RunStatus,
  SummaryInput,
  TrainingId,
} from '@watchtower/contracts';
import type { RecordChanges } from './audit.ts';
import type { RunContext } from './run-context.ts';
import type { RetrainResult } from './training.ts';

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
  /**
   * Starts what was accepted and never began, exports what has ended, and names what has to be closed.
   *
   * @param input.from where the sweep before left off looking for strays; null: from the oldest
   */
  sweepRuns(input: { readonly from: RunCursor | null }): Promise<SweepFindings>;
  /** What the log says became of a run's training; null where it says nothing yet. Read only. */
  readTraining(input: { readonly run_id: RunId }): Promise<RetrainResult | null>;
  /** What became of a run's promotion: where nobody wrote its outcome, what the alias says of it. Read only. */
  settlePromotion(input: { readonly run_id: RunId }): Promise<SettledPromotion | null>;
  /**
   * The summary of a run that the sweep closes, of what its steps say happened; null where it was never reasoned about.
   * Read only.
   *
   * @param input.ending why it is closed
   */
  summariseClosed(input: { readonly run_id: RunId; readonly ending: string }): Promise<ClosedSummary | null>;
}

export type ClosedSummary = SummaryInput & { readonly reasoner: 'policy'; readonly facts: string };

/** `absent`: Temporal does not know the workflow (never started, or past its retention). */
export type EndedState = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed_out' | 'absent';

export interface WaitingActivities {
  /** Waits until no execution of a workflow is open, with heartbeats; at once where none ever was. Read only. */
  awaitWorkflow(input: { readonly workflow_id: string }): Promise<{ readonly state: EndedState }>;
}

export interface SettledPromotion {
  readonly promotion: NonNullable<RecordChanges['promotion']> & {
    readonly status: 'promoted' | 'superseded' | 'failed';
  };
  /** Why it failed, where its own workflow could write that down. */
  readonly code: FailureCode | null;
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

/** A place in the order in which runs were triggered. */
export interface RunCursor {
  readonly triggered_at: Instant;
  readonly run_id: RunId;
}

export interface SweepFindings {
  readonly started: number;
  readonly exported: number;
  readonly synchronised: number;
  /** Aliases set right after a late write, in words. */
  readonly repaired: readonly string[];
  readonly strays: readonly StrayRun[];
  /** Where the next sweep goes on looking for strays; null: this one has seen the newest run. */
  readonly next: RunCursor | null;
  /** Rows that could not be looked at this time, with why. */
  readonly errors: readonly string[];
}
