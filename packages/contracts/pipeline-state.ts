import { z } from 'zod';
import { retrainingDecision } from './decision.ts';
import { evaluationOutcome, gate, improvement } from './evaluation.ts';
import { verdict } from './evidence.ts';
import { toolName } from './tools.ts';

/** What has happened in a run so far, reduced from events alone: the guard and the policy reasoner know nothing else. */
export const pipelineState = z.object({
  dry_run: z.boolean(),
  verdict,
  approval_required: z.enum(['always', 'when_inconclusive', 'never']),
  /** Null until `decide_retraining` was allowed. */
  decision: retrainingDecision.nullable(),
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
