import { z } from 'zod';
import { jsonObject } from './canonical-json.ts';
import { timeWindow } from './data-definition.ts';
import { columnReport, datasetReport, health, severity, targetReport } from './drift-report.ts';
import { evaluationOutcome, gate, improvement } from './evaluation.ts';
import { instant, modelName, runId } from './identifiers.ts';
import { taskType } from './metric.ts';
import { championInfo, trainingPlan } from './training.ts';

export const urgency = z.enum(['none', 'monitor', 'soon', 'immediate']);
export type Urgency = z.infer<typeof urgency>;

/** What the rules make of the evidence. The reasoner may be stricter, never softer. */
export const verdict = z.object({
  urgency,
  health,
  /** A retraining is demanded; `write_summary` is refused until it was tried. */
  retrain: z.boolean(),
  reasons: z.array(z.object({ rule: z.string(), detail: z.string() })),
});
export type Verdict = z.infer<typeof verdict>;

/** A column as the reasoner sees it first; `inspect_feature_drift` shows the whole of it. */
export const columnEvidence = columnReport
  .pick({ name: true, type: true, status: true, severity: true, reason: true })
  .extend({
    psi: z.number().nullable(),
    effect: z.number().nullable(),
  });

export const evidence = z.object({
  run_id: runId,
  model: modelName,
  task: taskType,
  dry_run: z.boolean(),
  reference_window: timeWindow,
  current_window: timeWindow,
  champion: championInfo.nullable(),
  /** When a training was last adopted and no other may follow yet. */
  cooling_down_until: instant.nullable(),
  dataset: datasetReport,
  /** Drifted columns first, most severe first; at most 50. */
  columns: z.array(columnEvidence),
  target: targetReport.nullable(),
  worst_severity: severity,
  /** Largest PSI among drifted columns. */
  max_psi: z.number().nullable(),
  retrain_rule: z.enum(['dataset_drift', 'urgency_soon', 'never']),
});
export type Evidence = z.infer<typeof evidence>;

/** The tools and what each takes. */
export const toolInputs = {
  inspect_statistical_drift: z.strictObject({}),
  inspect_feature_drift: z.strictObject({ column: z.string() }),
  inspect_target_drift: z.strictObject({}),
  trigger_retrain: trainingPlan,
  evaluate_model: z.strictObject({ version: z.string() }),
  promote_model: z.strictObject({ version: z.string(), reason: z.string().min(1).max(4000) }),
  write_summary: z.strictObject({
    headline: z.string().min(1).max(300),
    summary: z.string().min(1).max(8000),
    /** Steps it rests on. */
    cites: z.array(z.int().min(1)).max(100),
  }),
} as const;
export type ToolName = keyof typeof toolInputs;
export const toolName = z.enum(Object.keys(toolInputs) as [ToolName, ...ToolName[]]);
export type ToolInput<T extends ToolName> = z.output<(typeof toolInputs)[T]>;
export type SummaryInput = ToolInput<'write_summary'>;

/** What a reasoner asks for; names and inputs are unchecked until the guard has seen them. */
export const toolCall = z.object({ id: z.string(), name: z.string(), input: z.json() });
export type ToolCall = z.infer<typeof toolCall>;

/** What was said and done so far, in order, with the numbers of the steps that hold it. */
export const transcriptEntry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reasoning'), step: z.int(), text: z.string() }),
  z.object({ type: z.literal('tool_call'), step: z.int(), call: toolCall }),
  z.object({
    type: z.literal('tool_result'),
    step: z.int(),
    call_id: z.string(),
    name: z.string(),
    is_error: z.boolean(),
    result: jsonObject,
  }),
]);
export type TranscriptEntry = z.infer<typeof transcriptEntry>;

/** What has happened in a run so far, reduced from events alone: the guard and the policy reasoner know nothing else. */
export const pipelineState = z.object({
  dry_run: z.boolean(),
  verdict,
  approval_required: z.enum(['always', 'when_inconclusive', 'never']),
  training: z.discriminatedUnion('status', [
    z.object({ status: z.literal('none') }),
    z.object({ status: z.literal('refused'), reason: z.enum(['busy', 'cooling_down']), detail: z.string() }),
    z.object({ status: z.literal('failed'), code: z.string(), detail: z.string() }),
    z.object({ status: z.literal('succeeded'), version: z.string() }),
  ]),
  evaluation: z
    .object({
      status: z.literal('done'),
      version: z.string(),
      outcome: evaluationOutcome,
      gates: z.array(gate),
      improvement: improvement.nullable(),
    })
    .or(z.object({ status: z.literal('failed'), code: z.string(), detail: z.string() }))
    .nullable(),
  promotion: z
    .object({
      status: z.enum(['promoted', 'kept', 'rejected', 'expired', 'void', 'superseded']),
      version: z.string(),
      detail: z.string(),
    })
    .or(
      z.object({
        status: z.literal('failed'),
        version: z.string(),
        code: z.string(),
        detail: z.string(),
      }),
    )
    .nullable(),
  inspected: z.array(toolName),
  summary_written: z.boolean(),
});
export type PipelineState = z.infer<typeof pipelineState>;

/** What `reason` is asked. */
export const reasonRequest = z.object({
  run_id: runId,
  reasoner: z.enum(['policy', 'anthropic', 'openai']),
  turn: z.int().min(1),
  evidence,
  /** Steps that hold the evidence, for citing. */
  evidence_steps: z.array(z.int()),
  state: pipelineState,
  transcript: z.array(transcriptEntry),
  allowed_tools: z.array(toolName),
});
export type ReasonRequest = z.infer<typeof reasonRequest>;

/** What it answers. `stopped` without a call means that it considers itself done. */
export const reasonerTurn = z.object({
  texts: z.array(z.string()),
  calls: z.array(toolCall),
  stopped: z.boolean(),
});
export type ReasonerTurn = z.infer<typeof reasonerTurn>;
