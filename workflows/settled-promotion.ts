import { sleep } from '@temporalio/workflow';
import type { RunContext, SettledPromotion } from '@watchtower/activities';
import type { Failure } from '@watchtower/contracts';
import { runs } from './activities.ts';
import type { Pen } from './pen.ts';

/** What became of a promotion. */
export type Settled =
  | { readonly status: 'promoted' | 'superseded'; readonly detail: string }
  | { readonly status: 'failed'; readonly code: Failure['code']; readonly detail: string };

/** `setChampion` reads (10 s at most), then sets (10 s at most): after this long none of ours is still on its way. */
export const lateWriteLimit = '30s';

/**
 * Of a promotion that will not go on: what its row or the alias says is what happened, and is written where nobody has.
 *
 * @param completed its workflow has written all it did, so no write of its can be under way
 */
export async function settle(
  { run_id }: RunContext,
  pen: Pen,
  why: Failure,
  completed = false,
): Promise<Settled> {
  if (!completed) await sleep(lateWriteLimit);
  const settled = await runs.settlePromotion.executeWithOptions(
    { summary: 'Ask the alias what became of the promotion' },
    [{ run_id }],
  );
  if (!settled) {
    const detail = `The promotion ended before its intent was recorded: ${why.message}`;
    return { status: 'failed', code: why.code, detail };
  }
  if (settled.unwritten) await writeSettled(pen, settled, why);
  return resultOf(settled, why);
}

/** @param why where its row does not say it */
export function resultOf({ promotion, code }: SettledPromotion, why: Failure): Settled {
  const { status, detail = why.message } = promotion;
  return status === 'failed' ? { status, code: code ?? why.code, detail } : { status, detail };
}

/**
 * The outcome step of a promotion that its own workflow could not write.
 *
 * @param why it failed, where it did
 */
export async function writeSettled(pen: Pen, settled: SettledPromotion, why: Failure): Promise<void> {
  const { promotion } = settled;
  const { version } = promotion;
  const { detail, ...result } = resultOf(settled, why);
  await pen.write(
    [{ kind: 'outcome', name: 'promotion_settled', message: detail, payload: { ...result, version } }],
    { promotion, ...(result.status === 'promoted' && { flags: { promoted: true } }) },
  );
}
