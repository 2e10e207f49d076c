import { modelName, runId } from '@watchtower/contracts';
import { z } from 'zod';

export const runParams = z.object({ run_id: z.string().toLowerCase().pipe(runId) });
export const modelParams = z.object({ name: modelName });

export const idempotencyKeyHeader = {
  'Idempotency-Key':
    'Any text of yours, at most 255 characters: sending the request again has no second effect.',
} as const;
