import { failureCode, type RunId } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { z } from 'zod';
import type { RetrainResult } from '../interfaces/training.ts';

/** What the steps `training_settled` and `training_refused` carry. */
const succeeded = z
  .object({
    status: z.literal('succeeded'),
    version: z.string(),
    attempt: z.int().min(1),
    metrics: z.record(z.string(), z.number()),
  })
  .transform(({ status, version, attempt, metrics }) => ({ status, version, metrics, attempts: attempt }));
const ended = z.object({
  status: z.enum(['failed', 'cancelled']),
  failure: z.object({ code: failureCode, message: z.string() }),
});
const refused = z
  .object({ reason: z.enum(['busy', 'cooling_down']), detail: z.string() })
  .transform(({ reason, detail }) => ({ status: 'refused' as const, reason, detail }));

/**
 * What became of a run's training, as its log has it: what a second execution of its workflow goes by. Read only.
 *
 * @returns null where nothing was settled yet
 */
export async function readTraining(
  database: Pick<Database, 'step'>,
  run_id: RunId,
): Promise<RetrainResult | null> {
  const step = await database.step.findFirst({
    where: { run_id, name: { in: ['training_settled', 'training_refused'] } },
    orderBy: { number: 'desc' },
  });
  return step && z.union([succeeded, ended, refused]).parse(step.payload);
}
