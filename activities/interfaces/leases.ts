import type {
  ChampionState,
  Instant,
  LeaseAnswer,
  LeaseRelease,
  LeaseRequest,
  ModelName,
  RunId,
} from '@watchtower/contracts';

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
  /** Until when this run may not retrain; null where it may, or has its training already: the cool-down is its own then. */
  readCoolDown(input: {
    readonly model: ModelName;
    readonly run_id: RunId;
  }): Promise<{ readonly cool_down_until: Instant | null }>;
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
