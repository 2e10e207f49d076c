import {
  type ChampionState,
  championState,
  type Instant,
  type ModelName,
  type RunId,
} from '@watchtower/contracts';
import { type Database, Prisma } from '@watchtower/database';

/** The entity's memory as it stands in Postgres; epoch 0 where there is none yet. */
export async function loadChampion(
  database: Database,
  model: ModelName,
): Promise<ChampionState & { readonly epoch: number }> {
  const row = await database.championLease.findUnique({ where: { model } });
  if (!row) return { epoch: 0, lease: null, cool_down_until: null };
  const state = championState.parse({
    lease: row.lease,
    cool_down_until: row.cool_down_until?.toISOString() ?? null,
  });
  return { epoch: row.epoch, ...state };
}

/**
 * Until when a run may not retrain. A run with a training of its own has been granted its lease: the cool-down that
 * followed is its own, and a second execution of its workflow goes on with that training.
 */
export async function readCoolDown(
  database: Database,
  model: ModelName,
  run_id: RunId,
): Promise<{ readonly cool_down_until: Instant | null }> {
  const { cool_down_until } = await loadChampion(database, model);
  if (cool_down_until === null) return { cool_down_until };
  const own = await database.training.count({ where: { run_id } });
  return { cool_down_until: own > 0 ? null : cool_down_until };
}

/**
 * Compare-and-set by epoch.
 *
 * @returns false where somebody else wrote meanwhile; true also where this very state was written before (a retry)
 */
export async function saveChampion(
  database: Database,
  model: ModelName,
  state: ChampionState,
  expectedEpoch: number,
): Promise<boolean> {
  const data = {
    epoch: expectedEpoch + 1,
    lease: state.lease ? { ...state.lease } : Prisma.DbNull,
    cool_down_until: state.cool_down_until,
  };
  const { count } =
    expectedEpoch === 0
      ? await database.championLease.createMany({ data: { model, ...data }, skipDuplicates: true })
      : await database.championLease.updateMany({ where: { model, epoch: expectedEpoch }, data });
  if (count === 1) return true;
  const now = await loadChampion(database, model);
  return (
    now.epoch === expectedEpoch + 1 &&
    now.cool_down_until === state.cool_down_until &&
    now.lease?.holder === state.lease?.holder &&
    now.lease?.purpose === state.lease?.purpose
  );
}
