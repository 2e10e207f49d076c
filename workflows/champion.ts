import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ChampionState,
  LeaseAnswer,
  LeaseRelease,
  LeaseRequest,
  ModelName,
} from '@watchtower/contracts';
import { leases } from './activities.ts';
import { acquireLeaseUpdate, leaseQuery, releaseLeaseUpdate } from './messages.ts';

interface ChampionInput {
  readonly model: ModelName;
  /** What the execution before saw last, for the query; what counts stands in Postgres. */
  readonly known?: ChampionState;
}

/**
 * Entity `champion/<model>`: owns what must be alone for one model. It grants leases for retraining, promotion and
 * rollback, one at a time, and remembers the cool-down. Its memory stands in Postgres under an epoch, so that terminating
 * and starting it anew grants nothing twice. It lives as long as the model and continues as new.
 */
export async function champion({ model, known }: ChampionInput): Promise<void> {
  let state: ChampionState = known ?? { lease: null, cool_down_until: null };
  let turn: Promise<unknown> = Promise.resolve();

  /** One request at a time, each on the memory as it stands in Postgres. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const change = async <T>(
    decide: (now: ChampionState) => Promise<{ next: ChampionState; answer: T }>,
  ): Promise<T> => {
    for (;;) {
      const { epoch, ...now } = await leases.loadChampion.executeWithOptions({ summary: 'Read the lease' }, [
        { model },
      ]);
      const { next, answer } = await decide(now);
      if (next === now || (await save(model, next, epoch))) {
        state = next;
        show(model, state);
        return answer;
      }
    }
  };

  setHandler(leaseQuery, () => state);
  setHandler(acquireLeaseUpdate, (request) => alone(() => change((now) => acquire(model, now, request))));
  setHandler(releaseLeaseUpdate, (release) =>
    alone(() => change((now) => Promise.resolve(give(now, release)))),
  );

  await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
  await continueAsNew<typeof champion>({ model, known: state });
}

const save = (model: ModelName, state: ChampionState, expected_epoch: number): Promise<boolean> => {
  const summary = state.lease ? `Lease to ${state.lease.holder}` : 'No lease is held';
  return leases.saveChampion.executeWithOptions({ summary }, [{ model, state, expected_epoch }]);
};

type Change<T> = { next: ChampionState; answer: T };

async function acquire(
  model: ModelName,
  now: ChampionState,
  request: LeaseRequest,
): Promise<Change<LeaseAnswer>> {
  const { lease: held } = now;
  if (held?.holder === request.holder && held.purpose === request.purpose) {
    return { next: now, answer: { status: 'granted', lease: held } };
  }
  if (held) {
    const { reclaimed } = await leases.reclaimLease.executeWithOptions(
      { summary: `Ask whether ${held.holder} is gone` },
      [{ model, lease: held }],
    );
    if (!reclaimed) return { next: now, answer: { status: 'busy', held_by: held } };
  }
  const at = new Date(Date.now()).toISOString();
  const until = now.cool_down_until;
  if (request.purpose === 'retrain' && until !== null && until > at) {
    return { next: held ? { ...now, lease: null } : now, answer: { status: 'cooling_down', until } };
  }
  const lease = { ...request, since: at };
  return { next: { ...now, lease }, answer: { status: 'granted', lease } };
}

function give(now: ChampionState, release: LeaseRelease): Change<void> {
  if (now.lease?.holder !== release.holder) return { next: now, answer: undefined };
  return {
    next: { lease: null, cool_down_until: release.cool_down_until ?? now.cool_down_until },
    answer: undefined,
  };
}

function show(model: ModelName, { lease, cool_down_until }: ChampionState): void {
  const held = lease
    ? `The ${lease.purpose} lease is held by ${lease.holder} since ${lease.since}.`
    : 'No lease is held.';
  setCurrentDetails(`${model}: ${held}${cool_down_until ? ` No retraining before ${cool_down_until}.` : ''}`);
}
