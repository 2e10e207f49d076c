import { z } from 'zod';
import { jsonObject } from './canonical-json.ts';
import { evidence } from './evidence.ts';
import { digest, runId } from './identifiers.ts';
import { pipelineState } from './pipeline-state.ts';
import { reasonerName, reasonerSettings, tokenUsage } from './reasoner-settings.ts';
import { toolCall, toolName } from './tools.ts';

/** What was spent so far; `cost` in US dollars, null where a price is not known. */
export const spending = z.object({ tokens: tokenUsage, cost: z.number().min(0).nullable() });
export type Spending = z.infer<typeof spending>;

/** What `reason` is asked. The conversation is not part of it: it is read from the run's steps up to `through_step`. */
export const reasonRequest = z.object({
  run_id: runId,
  reasoner: reasonerSettings,
  turn: z.int().min(1),
  evidence,
  /** Steps that hold the evidence, for citing. */
  evidence_steps: z.array(z.int()),
  state: pipelineState,
  /** Where this execution's loop began: what an earlier one said, before a reset, is not part of the conversation. */
  after_step: z.int().min(0),
  through_step: z.int().min(0),
  allowed_tools: z.array(toolName),
  spent: spending,
});
export type ReasonRequest = z.infer<typeof reasonRequest>;

/** What was said and done so far, in order, with the numbers of the steps that hold it. */
const said = { step: z.int(), turn: z.int(), reasoner: reasonerName };
export const transcriptEntry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reasoning'), ...said, text: z.string() }),
  z.object({ type: z.literal('tool_call'), ...said, call: toolCall }),
  z.object({
    type: z.literal('tool_result'),
    step: z.int(),
    call_id: z.string(),
    name: z.string(),
    is_error: z.boolean(),
    result: jsonObject,
  }),
  /** What was wrong with a turn, told to the reasoner. */
  z.object({ type: z.literal('correction'), step: z.int(), text: z.string() }),
]);
export type TranscriptEntry = z.infer<typeof transcriptEntry>;

/** What a reasoner thinks over: the request and the conversation so far. */
export interface ReasonerInput extends ReasonRequest {
  readonly transcript: readonly TranscriptEntry[];
}

export const turnBlock = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: z.string(),
    /** The whole of a text of which only the beginning stands here. */
    artifact: digest.optional(),
  }),
  z.object({ type: z.literal('call'), call: toolCall }),
]);
export type TurnBlock = z.infer<typeof turnBlock>;

/** Why a turn ended: it asks for tools, it considers itself done, it was cut off, or the provider refused to answer. */
export const stopReason = z.enum(['calls', 'end', 'length', 'refusal']);
export type StopReason = z.infer<typeof stopReason>;

/** What a reasoner answers, in its own order. */
export const reasonerTurn = z.object({
  blocks: z.array(turnBlock).max(64),
  stop: stopReason,
  /** The language model that answered, in the provider's words; null for `policy`. */
  model_id: z.string().max(200).nullable(),
  /** The provider's id of the request, for its support. */
  request_id: z.string().max(200).nullable(),
  tokens: tokenUsage,
  cost: z.number().min(0).nullable(),
  /** Digest of the exchange (request and answer as JSON); the artifact exists unless prompts are not stored. */
  exchange: digest.nullable(),
});
export type ReasonerTurn = z.infer<typeof reasonerTurn>;

/** Under `turn` in the payload of each `reasoning` and `tool_call` step: tokens and cost are those of the whole turn. */
export const turnMark = reasonerTurn.omit({ blocks: true }).extend({
  number: z.int().min(1),
  reasoner: reasonerName,
});
export type TurnMark = z.infer<typeof turnMark>;

/** Why a reasoner was replaced by the policy reasoner. */
export const replacementCause = z.enum([
  'failed',
  'malformed',
  'stopped',
  'refused',
  'turns_spent',
  'tokens_spent',
  'cost_spent',
]);
export type ReplacementCause = z.infer<typeof replacementCause>;
