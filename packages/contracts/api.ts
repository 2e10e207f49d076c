import { z } from 'zod';
import { jsonObject } from './canonical-json.ts';
import { modelDefinition } from './definition.ts';
import { driftReport } from './drift-report.ts';
import { evaluationReport } from './evaluation.ts';
import { digest, instant, modelName, runId } from './identifiers.ts';
import { run, runStatus } from './run.ts';
import { step } from './step.ts';

/** Requests and answers of the HTTP API that are not themselves a run, a step or a report. */

/** What an API key allows. */
export const scope = z.enum(['read', 'run', 'approve', 'admin']);
export type Scope = z.infer<typeof scope>;

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number);

/** `?page=&page_size=`: pages are numbered from 1. */
export const historyQuery = z.strictObject({
  page: wholeNumber.pipe(z.int().min(1)).default(1),
  page_size: wholeNumber.pipe(z.int().min(1).max(100)).default(20),
  model: modelName.optional(),
  status: runStatus.optional(),
});
export type HistoryQuery = z.output<typeof historyQuery>;

/** Newest first. */
export const historyPage = z.object({
  runs: z.array(run),
  page: z.int().min(1),
  page_size: z.int().min(1),
  total: z.int().min(0),
});
export type HistoryPage = z.infer<typeof historyPage>;

/** `?after=&limit=`: steps with a larger number than `after`. */
export const stepsQuery = z.strictObject({
  after: wholeNumber.default(0),
  limit: wholeNumber.pipe(z.int().min(1).max(1000)).default(200),
});

export const stepsPage = z.object({
  steps: z.array(step),
  /** What to send as `after` next; null where this was the last step so far. */
  next_after: z.int().nullable(),
});
export type StepsPage = z.infer<typeof stepsPage>;

export const storedDriftReport = z.object({
  run_id: runId,
  model: modelName,
  created_at: instant,
  artifact: digest,
  report: driftReport,
});
export type StoredDriftReport = z.infer<typeof storedDriftReport>;

export const storedEvaluation = z.object({
  run_id: runId,
  model: modelName,
  created_at: instant,
  report: evaluationReport,
});
export type StoredEvaluation = z.infer<typeof storedEvaluation>;

/** The decision was passed on, but no worker has answered yet: `GET /pipeline/status/{run_id}` will show it. */
export const decisionPending = z.object({ run_id: runId, status: z.literal('pending') });
export type DecisionPending = z.infer<typeof decisionPending>;

export const cancelAccepted = z.object({ run_id: runId, status: z.literal('cancelling') });
export type CancelAccepted = z.infer<typeof cancelAccepted>;

/** `POST /models`. The definition is checked as `watchtower.yaml` would be. */
export const applyRequest = z.strictObject({ definition: jsonObject });

export const appliedModel = z.object({
  name: modelName,
  version: z.int().min(1),
  digest,
  /** False where the definition was the current one already. */
  changed: z.boolean(),
  /** False until the model's Temporal Schedule is that of this version: the sweep sees to it. */
  schedule_synchronised: z.boolean(),
});
export type AppliedModel = z.infer<typeof appliedModel>;

export const watchedModel = z.object({
  name: modelName,
  version: z.int().min(1),
  digest,
  created_at: instant,
  /** False until the model's Temporal Schedule is that of this version. */
  schedule_synchronised: z.boolean(),
  definition: modelDefinition,
});
export type WatchedModel = z.infer<typeof watchedModel>;

export const watchedModels = z.object({ models: z.array(watchedModel.omit({ definition: true })) });
export type WatchedModels = z.infer<typeof watchedModels>;

export const dependencyHealth = z.object({
  status: z.enum(['up', 'down']),
  latency_ms: z.number().min(0),
  /** Why it is down. */
  detail: z.string().optional(),
});
export type DependencyHealth = z.infer<typeof dependencyHealth>;

export const healthReport = z.object({
  status: z.enum(['up', 'down']),
  dependencies: z.object({
    postgres: dependencyHealth,
    temporal: dependencyHealth,
    mlflow: dependencyHealth,
  }),
});
export type HealthReport = z.infer<typeof healthReport>;

const auditCheck = z.object({
  ok: z.boolean(),
  /** Steps or fields that were compared. */
  compared: z.int().min(0),
  problems: z.array(z.string()),
});

/** `GET /pipeline/{run_id}/audit`: the log recomputed, and compared with Temporal's history and the run's rows. */
export const auditAnswer = z.object({
  run_id: runId,
  ok: z.boolean(),
  steps: z.int().min(0),
  head_hash: digest.nullable(),
  chain: auditCheck,
  history: auditCheck.extend({ source: z.enum(['temporal', 'export']) }),
  rows: auditCheck,
});
export type AuditAnswer = z.infer<typeof auditAnswer>;
