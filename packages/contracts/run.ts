import { z } from 'zod';
import { retrainingDecision } from './decision.ts';
import { health } from './drift-report.ts';
import { evaluationOutcome } from './evaluation.ts';
import { urgency } from './evidence.ts';
import { failure } from './failure.ts';
import { digest, instant, modelName, runId, windowName } from './identifiers.ts';
import { reasonerName, tokenUsage } from './reasoner-settings.ts';
import { step } from './step.ts';
import { toolInputs } from './tools.ts';

export const runKind = z.enum(['pipeline', 'analysis']);
export const runStatus = z.enum([
  'accepted',
  'running',
  'waiting_for_approval',
  'completed',
  'failed',
  'cancelled',
]);
export type RunStatus = z.infer<typeof runStatus>;
export const terminalStatuses = ['completed', 'failed', 'cancelled'] as const satisfies readonly RunStatus[];
export const isTerminal = (status: RunStatus): boolean =>
  (terminalStatuses as readonly RunStatus[]).includes(status);

export const runOutcome = z.enum([
  'no_action',
  'monitor',
  'dry_run',
  'refused',
  'kept',
  'rejected',
  'expired',
  'void',
  'promoted',
]);
export type RunOutcome = z.infer<typeof runOutcome>;

export const triggerSource = z.enum(['manual', 'api', 'cli', 'schedule', 'webhook', 'airflow', 'demo']);
export type TriggerSource = z.infer<typeof triggerSource>;

/** `POST /pipeline/run`. Everything has a default: an empty body is a run of the default model. */
export const runRequest = z.strictObject({
  model: modelName.optional(),
  trigger_source: triggerSource.default('api'),
  dry_run: z.boolean().default(false),
  data_window_id: windowName.prefault('current'),
});
export type RunRequest = z.output<typeof runRequest>;

export const runAccepted = z.object({
  run_id: runId,
  status: runStatus,
  triggered_at: instant,
  links: z.record(z.string(), z.string()),
});
export type RunAccepted = z.infer<typeof runAccepted>;

export const runFlags = z.object({
  drift_detected: z.boolean(),
  retrained: z.boolean(),
  evaluated: z.boolean(),
  promoted: z.boolean(),
});
export type RunFlags = z.infer<typeof runFlags>;

export const summary = toolInputs.write_summary.extend({
  reasoner: reasonerName,
  /** Our own account of what happened, from the acts themselves. */
  facts: z.string(),
});

/** What reasoning cost in a run. */
export const reasoningUsage = z.object({
  turns: z.int().min(0),
  tokens: tokenUsage,
  /** US dollars; null where a price is not known. */
  cost: z.number().min(0).nullable(),
});
export type ReasoningUsage = z.infer<typeof reasoningUsage>;

export const approvalStatus = z.enum(['waiting', 'approved', 'rejected', 'expired', 'void']);
export const approval = z.object({
  status: approvalStatus,
  evidence_digest: digest,
  requested_at: instant,
  deadline: instant,
  decided_at: instant.nullable(),
  decided_by: z.string().nullable(),
  channel: z.enum(['api', 'signal', 'deadline']).nullable(),
  reason: z.string().nullable(),
});
export type Approval = z.infer<typeof approval>;

export const promotionStatus = z.enum(['intended', 'promoted', 'superseded', 'failed']);

/** What a run is being retried on, from Temporal's pending activities. */
export const pendingActivity = z.object({
  activity: z.string(),
  attempt: z.int(),
  state: z.string(),
  last_failure: z.string().nullable(),
  progress: z.json().nullable(),
});
export type PendingActivity = z.infer<typeof pendingActivity>;

export const run = z.object({
  run_id: runId,
  kind: runKind,
  model: modelName,
  definition_version: z.int().min(1),
  status: runStatus,
  trigger_source: triggerSource,
  dry_run: z.boolean(),
  data_window_id: windowName,
  triggered_at: instant,
  started_at: instant.nullable(),
  completed_at: instant.nullable(),
  urgency: urgency.nullable(),
  /** The urgency asks people to act (`soon`, `immediate`): the step `alert_raised` says since when and why. */
  alert: z.boolean(),
  health: health.nullable(),
  evaluation_outcome: evaluationOutcome.nullable(),
  flags: runFlags,
  outcome: runOutcome.nullable(),
  failure: failure.nullable(),
  summary: summary.nullable(),
  decision: retrainingDecision.nullable(),
  reasoning: reasoningUsage,
  steps: z.int().min(0),
  head_hash: digest.nullable(),
  links: z.record(z.string(), z.string()),
});
export type Run = z.infer<typeof run>;

/** `GET /pipeline/status/{run_id}`. */
export const runDetail = run.extend({
  /** What the run said last; while no activity is pending, what it waits for. */
  latest_step: step.pick({ number: true, kind: true, name: true, message: true, at: true }).nullable(),
  approval: approval.nullable(),
  training: z
    .object({
      training_id: z.string(),
      status: z.string(),
      attempts: z.int(),
      mlflow_run_id: z.string().nullable(),
      mlflow_url: z.string().nullable(),
      version: z.string().nullable(),
    })
    .nullable(),
  /** Null when Temporal did not answer in time. */
  waiting_on: z.array(pendingActivity).nullable(),
});
export type RunDetail = z.infer<typeof runDetail>;

/** `POST /pipeline/{run_id}/decision`. */
export const decisionRequest = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  reason: z.string().min(1, 'say why: it stands in the audit log').max(4000),
  evidence_digest: digest,
});
export type DecisionRequest = z.infer<typeof decisionRequest>;

/** Argument of the Update `decide`. */
export const decision = decisionRequest.extend({
  actor: z.string().min(1).max(200),
  /** The actor was known by an API key. */
  authenticated: z.boolean(),
});
export type Decision = z.infer<typeof decision>;

/** Argument of the signals `approve` and `reject`; all of it may be left out. */
export const decisionSignal = z.object({
  reason: z.string().max(4000).optional(),
  actor: z.string().max(200).optional(),
  evidence_digest: digest.optional(),
});
export type DecisionSignal = z.infer<typeof decisionSignal>;

export const decisionAccepted = z.object({
  run_id: runId,
  decision: z.enum(['approve', 'reject']),
  decided_at: instant,
  evidence_digest: digest,
});
export type DecisionAccepted = z.infer<typeof decisionAccepted>;
