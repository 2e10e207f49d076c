import type {
  Digest,
  Instant,
  ModelDefinition,
  ModelName,
  ReasonerSettings,
  RunId,
  TimeWindow,
  TriggerSource,
} from '@watchtower/contracts';

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
