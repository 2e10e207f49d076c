import type { Database } from '@watchtower/database';
import type { AliasRegistry } from '../alias-registry.ts';
import { eachRow, type Sweep } from './each-row.ts';

/** For as long after a promotion, an older version under the alias is a late write of ours. Later moves are people's. */
const watchedFor = 10 * 60_000;

/**
 * MLflow cannot fence a write that arrives late: soon after a promotion, an alias that names an older promotion of ours
 * is set right.
 *
 * @returns each repair in a sentence
 */
export async function repairAliases(
  registry: AliasRegistry,
  database: Database,
  sweep: Sweep,
): Promise<{ readonly repaired: readonly string[]; readonly errors: readonly string[] }> {
  const newest = await database.promotion.findMany({
    where: { status: 'promoted', settled_at: { gte: new Date(sweep.now - watchedFor) } },
    orderBy: { settled_at: 'desc' },
    distinct: ['registered_model', 'alias'],
    take: 1_000,
  });
  const repaired: string[] = [];
  const { errors } = await eachRow(
    sweep,
    newest,
    ({ registered_model, alias }) => `alias ${alias} of ${registered_model}`,
    async ({ registered_model, alias, version, intended_at, run_id }) => {
      const current = await registry.aliasVersion(registered_model, alias);
      if (current === null || current === version) return false;
      const ours = await database.promotion.count({
        where: { registered_model, alias, version: current, intended_at: { lt: intended_at } },
      });
      const busy = await database.promotion.count({ where: { registered_model, alias, status: 'intended' } });
      if (ours === 0 || busy > 0) return false;
      await registry.setAlias(registered_model, alias, version);
      repaired.push(
        `Alias ${alias} of ${registered_model} named version ${current}, an older promotion: ` +
          `a late write. It names version ${version} of run ${run_id} again.`,
      );
      return true;
    },
  );
  return { repaired, errors };
}
