import { z } from 'zod';
import { dataSettings, windowDefinition } from './data-definition.ts';
import { contradictions, type StatedDefinition } from './definition-contradictions.ts';
import {
  approvalSettings,
  driftSettings,
  evaluateSettings,
  reasonerChoice,
  retrainSettings,
  scheduleSettings,
} from './definition-sections.ts';
import { modelName, windowName } from './identifiers.ts';
import { betterDirection, direction, modelOutput, outputsOfTask, type TaskType, taskType } from './metric.ts';

/**
 * What `watchtower.yaml` may say about a model. Unknown keys are errors, so that a misspelled one is not silently a
 * default. Defaults that come from the environment are filled in when the definition is applied (`resolveDefinition`):
 * what is stored and frozen into runs has no gaps. The reference page is made from the descriptions.
 */
const shape = {
  version: z.literal(1).describe('Version of this format'),
  model: modelName.describe('Name of the model here'),
  description: z.string().max(2000).default('').describe('For people'),
  base_dir: z
    .string()
    .default('.')
    .describe("Folder that relative paths start from, itself relative to the definition file's"),
  task: taskType.optional().describe('What the model predicts; default `MODEL_TASK_TYPE`'),
  registered_model: modelName.optional().describe("Name in MLflow's registry; default: that of `model`"),
  data: dataSettings,
  windows: z
    .record(windowName, windowDefinition)
    .refine((w) => 'reference' in w, { message: 'a window named "reference" is needed' })
    .refine((w) => 'current' in w, { message: 'a window named "current" is needed' })
    .describe(
      'Stretches of time by name: `from` and `to`, or `last`. `reference` (what the first champion was trained on) and ' +
        '`current` are needed; a run may name another',
    ),
  drift: driftSettings.prefault({}),
  retrain: retrainSettings,
  evaluate: evaluateSettings,
  promote: z
    .strictObject({
      alias: z.string().min(1).default('champion').describe('Alias of the champion in MLflow'),
    })
    .describe('What a promotion moves')
    .prefault({}),
  approval: approvalSettings.prefault({}),
  reasoner: reasonerChoice.prefault({}),
  schedule: scheduleSettings.optional(),
} as const;

function refuseContradictions(
  definition: StatedDefinition,
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  for (const { path, message } of contradictions(definition)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
}

/** A definition as written. What cannot work whatever the environment says is refused. */
export const definitionInput = z.strictObject(shape).superRefine(refuseContradictions);
export type DefinitionInput = z.output<typeof definitionInput>;

/** A definition as stored: nothing left open. */
export const modelDefinition = z.strictObject({
  ...shape,
  task: taskType,
  registered_model: modelName,
  drift: driftSettings.extend({ share_threshold: z.number().min(0).max(1) }),
  evaluate: evaluateSettings.extend({
    direction,
    min_improvement: z.number().min(0),
    output: modelOutput,
  }),
});
export type ModelDefinition = z.output<typeof modelDefinition>;

/**
 * Fills in what the environment decides.
 *
 * @throws ZodError where the environment's task does not suit what the definition says
 */
export function resolveDefinition(
  input: DefinitionInput,
  defaults: { readonly task: TaskType; readonly shareThreshold: number; readonly minImprovement: number },
): ModelDefinition {
  const task = input.task ?? defaults.task;
  return modelDefinition.superRefine(refuseContradictions).parse({
    ...input,
    task,
    registered_model: input.registered_model ?? input.model,
    drift: { ...input.drift, share_threshold: input.drift.share_threshold ?? defaults.shareThreshold },
    evaluate: {
      ...input.evaluate,
      direction: input.evaluate.direction ?? betterDirection(input.evaluate.primary_metric),
      min_improvement: input.evaluate.min_improvement ?? defaults.minImprovement,
      output: input.evaluate.output ?? outputsOfTask[task][0],
    },
  });
}

/** The parts an approval rests on: where the current definition differs in them, it is void. */
export function approvalBasis(definition: ModelDefinition) {
  const { task, registered_model, data, evaluate, promote, approval } = definition;
  return { task, registered_model, data, evaluate, promote, approval };
}
