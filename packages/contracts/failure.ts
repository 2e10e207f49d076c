import { z } from 'zod';
import { type FailureCode, failureCatalogue } from './failure-catalogue.ts';

export const failureCode = z.enum(Object.keys(failureCatalogue) as [FailureCode, ...FailureCode[]]);

/** A failure as stored with a run and sent to clients. */
export const failure = z.object({
  code: failureCode,
  /** What was wrong, where, and what to do, in one sentence or two. */
  message: z.string(),
  details: z.record(z.string(), z.json()).optional(),
});
export type Failure = z.infer<typeof failure>;
