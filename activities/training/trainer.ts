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

export interface AttemptOrder {
  readonly definition: ModelDefinition;
  readonly request: TrainingRequest;
  readonly attempt: number;
}

export type AttemptWatch = Pick<Watch, 'beat' | 'pause' | 'earlier'>;

/** An attempt that ended, before its files are stored. */
export interface AttemptEnd extends Omit<AttemptResult, 'log_artifact' | 'output_artifact'> {
  /** Its whole log; null where there is none. */
  readonly log_file: string | null;
  /** Tar of what a job without network left in its output folder. */
  readonly output_file: string | null;
  /** Those of these files that were made for this answer alone: they go when it is stored, or could not be. */
  readonly made: readonly string[];
}

/**
 * Runs trainings somewhere. Each call may be repeated, by another process, at any time after the first died
 * (docs/decisions/0005-trainers.md).
 */
export interface Trainer {
  /**
   * Starts the attempt, or adopts the one that is there; null where it was given up before anything of it began.
   *
   * @param signal aborted where nobody waits for it any more: what prepares it (a pull, a build) ends
   */
  start(order: AttemptOrder, signal: AbortSignal): Promise<AttemptHandle | null>;
  /** Waits for its end. Leaving early (the watch rejects) stops nothing. */
  observe(key: AttemptKey, definition: ModelDefinition, watch: AttemptWatch): Promise<AttemptEnd>;
  /** Its end is stored: what was kept until then may go. */
  release(key: AttemptKey): Promise<void>;
  /** Ends what is left of any attempt and forbids one still starting. Returns how many were alive. */
  stop(trainingId: TrainingId): Promise<number>;
}
