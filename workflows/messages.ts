import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  ChampionState,
  Decision,
  DecisionAccepted,
  DecisionSignal,
  LeaseAnswer,
  LeaseRelease,
  LeaseRequest,
  RunStatus,
} from '@watchtower/contracts';

/** To `pipeline/<run id>`. */
export const decideUpdate = defineUpdate<DecisionAccepted, [Decision]>('decide');
export const approveSignal = defineSignal<[DecisionSignal?]>('approve');
export const rejectSignal = defineSignal<[DecisionSignal?]>('reject');
export const statusQuery = defineQuery<{ readonly status: RunStatus; readonly steps: number }>('status');

/** To `champion/<model>`. */
export const acquireLeaseUpdate = defineUpdate<LeaseAnswer, [LeaseRequest]>('acquireLease');
export const releaseLeaseUpdate = defineUpdate<void, [LeaseRelease]>('releaseLease');
export const leaseQuery = defineQuery<ChampionState>('lease');
