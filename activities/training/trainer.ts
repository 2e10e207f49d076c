import type {
  AttemptHandle,
  AttemptResult,
  ModelDefinition,
  TrainingId,
  TrainingRequest,
} from '@watchtower/contracts';
import type { Watch } from '../progress.ts';

export interface AttemptKey {
  readonly training_id: TrainingId;
  /** From 1. */
  readonly attempt: number;
}

export type AttemptWatch = Pick<Watch, 'beat' | 'pause' | 'earlier'>;

/** An attempt that ended, before its log is stored. */
export type AttemptEnd = Omit<AttemptResult, 'log_artifact'>;

/** Runs trainings somewhere. Each call may be repeated, by another process, at any time after the first died. */
export interface Trainer {
  /** Starts the attempt, or adopts the one that is there; null where it was given up before anything of it began. */
  start(input: {
    readonly definition: ModelDefinition;
    readonly request: TrainingRequest;
    readonly attempt: number;
  }): Promise<AttemptHandle | null>;
  /** Waits for its end. Leaving early (the watch rejects) stops nothing. */
  observe(key: AttemptKey, definition: ModelDefinition, watch: AttemptWatch): Promise<AttemptEnd>;
  /** Where the attempt's log is; it may be missing where the attempt never began. */
  logFile(key: AttemptKey): string;
  /** Kills what is left of any attempt and forbids one still starting. Returns how many were alive. */
  stop(trainingId: TrainingId): Promise<number>;
}
