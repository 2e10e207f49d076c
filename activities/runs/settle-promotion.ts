import type { RunId } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { RecordChanges } from '../interfaces.ts';
import type { AliasRegistry } from './sweep/repair-aliases.ts';

type Promotion = NonNullable<RecordChanges['promotion']>;

/**
 * What became of a promotion whose workflow ended between intent and outcome: the alias tells. Read only.
 *
 * @returns null where there is no such promotion
 */
export async function settlePromotion(
  registry: AliasRegistry,
  database: Database,
  runId: RunId,
): Promise<Promotion | null> {
  const row = await database.promotion.findUnique({ where: { run_id: runId } });
  if (row?.status !== 'intended') return null;
  const { registered_model, alias, version, previous_version } = row;
  const current = await registry.aliasVersion(registered_model, alias);
  const promoted = current === version;
  return {
    registered_model,
    alias,
    version,
    previous_version,
    status: promoted ? 'promoted' : 'failed',
    detail: `The workflow ended before it wrote the outcome; the alias names version ${current ?? 'none'}.`,
  };
}
