import { type ChampionState, championState, type ModelName } from '@watchtower/contracts';
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
