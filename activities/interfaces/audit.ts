import type {
  Digest,
  EvaluationOutcome,
  Health,
  Instant,
  JsonObject,
  ReasoningUsage,
  RecordedStep,
  RetrainingDecision,
  RunId,
  RunOutcome,
  RunStatus,
  StepDraft,
  Urgency,
} from '@watchtower/contracts';

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
