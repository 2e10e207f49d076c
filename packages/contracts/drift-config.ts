import { z } from 'zod';
import { columnSettings } from './data-definition.ts';
import { driftSettings } from './definition-sections.ts';

/** What `watchtower drift --config` may say about plain files: the same keys as in a definition, without a model around them. */
export const driftConfig = z.strictObject({
  target: z.string().min(1).optional(),
  prediction: z.string().min(1).optional(),
  columns: z.record(z.string(), columnSettings).default({}),
  drift: driftSettings.prefault({}),
});
export type DriftConfig = z.infer<typeof driftConfig>;
