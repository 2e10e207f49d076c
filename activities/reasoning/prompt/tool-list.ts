import { type ToolName, toolInputs } from '@watchtower/contracts';
import { z } from 'zod';

export interface ListedTool {
  readonly name: ToolName;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of its input. */
  readonly schema: { readonly type: 'object'; readonly [key: string]: unknown };
}

const descriptions: Readonly<Record<ToolName, string>> = {
  inspect_statistical_drift:
    'Every column with its tests, effect sizes and severity, and the dataset as a whole. Changes nothing.',
  inspect_feature_drift:
    'One column in full: tests, effect size, and the bins or categories that its values moved between. Changes nothing.',
  inspect_target_drift:
    'Whether what the model has to predict changed, in share, level or distribution. Changes nothing.',
  decide_retraining:
    'States your decision before you act or sum up: urgency, confidence, root cause, rationale, strategy, plan. ' +
    'It is answered with the decision that counts and with what the rules overrode.',
  trigger_retrain:
    'Has the model retrained by the plan of your decision. At most once a run. Answers when the training has ended.',
  evaluate_model:
    'Compares the version this run trained with the champion on held-out rows that neither has learned from, and ' +
    'checks the promotion gates.',
  promote_model:
    'Puts the evaluated version forward to become the champion; people decide where the definition or you ask for it. ' +
    'Answers with what became of it. Not calling it keeps the champion.',
  write_summary:
    'Ends the run. Always the last call: what was found and done, for people who are not engineers, citing step numbers.',
};

/**
 * All tools, always and in one order, so that the request begins the same in every turn and the provider
 * can cache it; which are allowed now is said at the end of the conversation.
 */
export const toolList: readonly ListedTool[] = Object.entries(toolInputs).map(([name, input]) => {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' });
  return {
    name: name as ToolName,
    description: descriptions[name as ToolName],
    schema: { ...schema, type: 'object' },
  };
});
