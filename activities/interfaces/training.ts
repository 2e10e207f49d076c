import type {
  AttemptResult,
  Failure,
  ModelDefinition,
  TrainingId,
  TrainingRequest,
} from '@watchtower/contracts';
import type { RunContext } from './run-context.ts';

export interface TrainingActivities {
  /** Starts attempt n, or adopts the one that is there, and says in words where it is. Key: (training, attempt). */
  startAttempt(input: {
    readonly context: RunContext;
    readonly request: TrainingRequest;
    readonly attempt: number;
  }): Promise<{ readonly place: string }>;
  /** Waits for its end with heartbeats `{seconds, log_lines, last_line, watched}`; obeys cancellation by leaving (stopTraining kills). */
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

/** What became of a run's one retraining. */
export type RetrainResult =
  | {
      readonly status: 'succeeded';
      readonly version: string;
      readonly attempts: number;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly status: 'refused'; readonly reason: 'busy' | 'cooling_down'; readonly detail: string }
  | { readonly status: 'failed' | 'cancelled'; readonly failure: Failure };
