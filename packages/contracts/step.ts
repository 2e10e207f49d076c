import { z } from 'zod';
import { jsonObject } from './canonical-json.ts';
import { digest, instant, runId } from './identifiers.ts';

export const stepKind = z.enum([
  'status',
  'evidence',
  'reasoning',
  'tool_call',
  'tool_result',
  'decision',
  'intent',
  'outcome',
  'summary',
]);
export type StepKind = z.infer<typeof stepKind>;

/** A step as the workflow writes it down: everything but what the audit log adds. */
export const stepDraft = z.object({
  number: z.int().min(1),
  kind: stepKind,
  name: z.string().min(1).max(100),
  /** One line for people. */
  message: z.string().max(2000),
  payload: jsonObject,
  at: instant,
});
export type StepDraft = z.infer<typeof stepDraft>;

/** Where in Temporal's history the step was written. */
export const temporalCoordinates = z.object({
  workflow_id: z.string(),
  workflow_run_id: z.string(),
  activity_id: z.string(),
});
export type TemporalCoordinates = z.infer<typeof temporalCoordinates>;

export const step = stepDraft.extend({
  run_id: runId,
  temporal: temporalCoordinates,
  previous_hash: digest,
  hash: digest,
});
export type Step = z.infer<typeof step>;

/** `previous_hash` of a run's first step. */
export const genesisHash = digest.parse('0'.repeat(64));

/** What `record` returns, and so what Temporal's history keeps: the hash of each step it wrote. */
export const recordedStep = z.object({ number: z.int().min(1), hash: digest });
export type RecordedStep = z.infer<typeof recordedStep>;
