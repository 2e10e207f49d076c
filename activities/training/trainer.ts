import type {
  AttemptHandle,
  AttemptResult,
  ModelDefinition,
  TrainingId,
  TrainingRequest,
} from '@watchtower/contracts';

/** How an activity shows that it lives and waits; `pause` rejects when it is cancelled. */
export interface Watch {
  beat(progress: AttemptProgress): void;
  pause(milliseconds: number): Promise<void>;
}

export interface AttemptProgress {
  readonly seconds: number;
  readonly log_lines: number;
  readonly last_line: string;
}

export interface AttemptKey {
  readonly training_id: TrainingId;
  /** From 1. */
  readonly attempt: number;
}

/** An attempt that ended, before its log is stored. */
export type AttemptEnd = Omit<AttemptResult, 'log_artifact'>;

/** Runs trainings somewhere. Each call may be repeated, by another process, at any time after the first died. */
export interface Trainer {
  /** Starts the attempt, or adopts the one that is there. */
  start(input: {
    readonly definition: ModelDefinition;
    readonly request: TrainingRequest;
    readonly attempt: number;
  }): Promise<AttemptHandle>;
  /** Waits for its end. Leaving early (the watch rejects) stops nothing. */
  observe(key: AttemptKey, definition: ModelDefinition, watch: Watch): Promise<AttemptEnd>;
  /** Where the attempt's log is; it may be missing where the attempt never began. */
  logFile(key: AttemptKey): string;
  /** Kills what is left of any attempt and forbids one still starting. Returns how many were alive. */
  stop(trainingId: TrainingId): Promise<number>;
}
