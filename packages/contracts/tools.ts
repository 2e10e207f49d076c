import { z } from 'zod';
import { urgency } from './evidence.ts';
import { trainingKnobs, trainingStrategy } from './training.ts';

const sentences = z.string().min(1).max(4000);
const points = z.array(z.string().min(1).max(1000)).max(20);

/** What a reasoner makes of the evidence before it acts; the policy turns it into a `retrainingDecision`. */
export const retrainingProposal = z.strictObject({
  urgency: urgency.describe('How urgent it is; never less than the verdict demands'),
  confidence: z.int().min(0).max(100).describe('How sure you are of this decision, in per cent'),
  root_cause: sentences.describe('What probably made the data change, and which evidence says so'),
  rationale: sentences.describe('Why this decision, in plain language for people who are not engineers'),
  strategy: z.enum(['none', ...trainingStrategy.options]).describe('`none`: no retraining now'),
  plan: z
    .strictObject({
      dataset: z.string().max(2000).default('').describe('Which rows to train on, and why'),
      features_to_review: z.array(z.string().max(200)).max(50).default([]),
      evaluation_requirements: points.default([]).describe('What the comparison has to show'),
      promotion_criteria: points.default([]).describe('When the challenger should be promoted'),
      training: trainingKnobs.prefault({}).describe('For the trainer; leave out what the definition settles'),
    })
    .prefault({}),
});
export type RetrainingProposal = z.output<typeof retrainingProposal>;

/** The tools and what each takes. */
export const toolInputs = {
  inspect_statistical_drift: z.strictObject({}),
  inspect_feature_drift: z.strictObject({
    column: z.string().max(200).describe('Name of a column in the evidence'),
  }),
  inspect_target_drift: z.strictObject({}),
  decide_retraining: retrainingProposal,
  trigger_retrain: z.strictObject({
    reason: sentences.describe('Why now; the plan is that of the decision'),
  }),
  evaluate_model: z.strictObject({ version: z.string().max(200).describe('The version this run trained') }),
  promote_model: z.strictObject({
    version: z.string().max(200).describe('The version this run trained and evaluated'),
    reason: sentences,
    ask_people: z.boolean().default(false).describe('Have people decide even where the definition does not'),
  }),
  write_summary: z.strictObject({
    headline: z.string().min(1).max(300),
    summary: z.string().min(1).max(8000).describe('What was found and done, for people'),
    cites: z.array(z.int().min(1)).min(1).max(100).describe('Numbers of the steps it rests on'),
  }),
} as const;
export type ToolName = keyof typeof toolInputs;
export const toolName = z.enum(Object.keys(toolInputs) as [ToolName, ...ToolName[]]);
export type ToolInput<T extends ToolName> = z.output<(typeof toolInputs)[T]>;
export type SummaryInput = ToolInput<'write_summary'>;

/** What a reasoner asks for; names and inputs are unchecked until the guard has seen them. */
export const toolCall = z.object({
  /** Ours: `turn_<turn>_<n>`. */
  id: z.string().max(100),
  name: z.string().max(200),
  input: z.json(),
  /** Why the input could not even be read (no JSON, too large), for the reasoner. */
  problem: z.string().max(1000).optional(),
});
export type ToolCall = z.infer<typeof toolCall>;
