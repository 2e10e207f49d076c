import type { Database } from '@watchtower/database';

/** For as long after a promotion, an older version under the alias is a late write of ours. Later moves are people's. */
const watchedFor = 10 * 60_000;

export interface AliasRegistry {
  aliasVersion(registeredModel: string, alias: string): Promise<string | null>;
  setAlias(registeredModel: string, alias: string, version: string): Promise<void>;
}

/**
 * MLflow cannot fence a write that arrives late: soon after a promotion, an alias that names an older promotion of ours
 * is set right.
 *
 * @returns how many were
 */
export async function repairAliases(
  registry: AliasRegistry,
  database: Database,
  now: number,
): Promise<number> {
  const newest = await database.promotion.findMany({
    where: { status: 'promoted' },
    orderBy: { settled_at: 'desc' },
    distinct: ['registered_model', 'alias'],
    take: 1_000,
  });
  let repaired = 0;
  for (const promotion of newest) {
    const { registered_model, alias, version, settled_at } = promotion;
    if (!settled_at || settled_at.getTime() < now - watchedFor) continue;
    const current = await registry.aliasVersion(registered_model, alias);
    if (current === null || current === version) continue;
    const ours = await database.promotion.count({
      where: { registered_model, alias, version: current, intended_at: { lt: promotion.intended_at } },
    });
    const busy = await database.promotion.count({ where: { registered_model, alias, status: 'intended' } });
    if (ours === 0 || busy > 0) continue;
    await registry.setAlias(registered_model, alias, version);
    repaired += 1;
  }
  return repaired;
}
