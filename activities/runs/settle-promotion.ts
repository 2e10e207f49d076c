import {
  type FailureCode,
  failureCode,
  promotionStatus,
  type RunId,
  WatchtowerError,
} from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { z } from 'zod';
import type { SettledPromotion } from '../interfaces/runs.ts';
import type { AliasRegistry } from './alias-registry.ts';

/**
 * What became of a promotion whose workflow ended between intent and outcome: the alias tells. Read only.
 *
 * @returns null where there is no such promotion; one that was settled as it was settled
 */
export async function settlePromotion(
  registry: AliasRegistry,
  database: Database,
  runId: RunId,
): Promise<SettledPromotion | null> {
  const row = await database.promotion.findUnique({ where: { run_id: runId } });
  if (!row) return null;
  const { registered_model, alias, version, previous_version } = row;
  const move = { registered_model, alias, version, previous_version };
  const settled = promotionStatus.exclude(['intended']).safeParse(row.status);
  if (settled.success) {
    const detail = row.detail === null ? {} : { detail: row.detail };
    const code = settled.data === 'failed' ? await writtenCode(database, runId) : null;
    return { unwritten: false, code, promotion: { ...move, status: settled.data, ...detail } };
  }
  const current = await aliasVersion(registry, registered_model, alias);
  const detail = `The workflow ended before it wrote the outcome; the alias names version ${current ?? 'none'}.`;
  return {
    unwritten: true,
    code: null,
    promotion: { ...move, status: current === version ? 'promoted' : 'failed', detail },
  };
}

async function writtenCode(database: Database, run_id: RunId): Promise<FailureCode | null> {
  const step = await database.step.findFirst({
    where: { run_id, name: 'promotion_settled' },
    orderBy: { number: 'desc' },
  });
  return z.object({ code: failureCode }).safeParse(step?.payload).data?.code ?? null;
}

/** Whatever keeps MLflow from telling is waited out: a run must not end with its promotion open. */
async function aliasVersion(registry: AliasRegistry, model: string, alias: string): Promise<string | null> {
  try {
    return await registry.aliasVersion(model, alias);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WatchtowerError(
      'MlflowUnavailable',
      `The alias ${alias} of ${model} cannot be read yet: ${why}`,
      { cause },
    );
  }
}
