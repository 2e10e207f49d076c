import { isCancellation } from '@temporalio/workflow';
import type { DriftQuestion } from '@watchtower/activities';
import type { PipelineState } from '@watchtower/contracts';
import { type CheckedCall, type PipelineEvent, planOf } from '@watchtower/policy';
import { drift } from '../activities.ts';
import { failureOf } from '../failure-of.ts';
import { decideRetraining } from './decide-retraining.ts';
import { evaluateModel } from './evaluate-model.ts';
import { promoteModel } from './promote-model.ts';
import type { ToolAnswer, Toolbox } from './toolbox.ts';
import { triggerRetrain } from './trigger-retrain.ts';

/** A call of a tool that does something; `write_summary` ends the run instead. */
export type ActingCall = Exclude<CheckedCall, { readonly name: 'write_summary' }>;

/** Carries out a call that the guard has allowed. A tool that breaks is an error result; only cancellation passes on. */
export async function runTool(toolbox: Toolbox, state: PipelineState, call: ActingCall): Promise<ToolAnswer> {
  try {
    return await dispatch(toolbox, state, call);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = failureOf(error);
    return { result: { error: code, message }, is_error: true, event: brokenEvent(call, code, message) };
  }
}

function dispatch(toolbox: Toolbox, state: PipelineState, call: ActingCall): Promise<ToolAnswer> {
  switch (call.name) {
    case 'inspect_statistical_drift':
      return inspect(toolbox, call.name, { kind: 'statistical' });
    case 'inspect_feature_drift':
      return inspect(toolbox, call.name, { kind: 'feature', column: call.input.column });
    case 'inspect_target_drift':
      return inspect(toolbox, call.name, { kind: 'target' });
    case 'decide_retraining':
      return decideRetraining(toolbox, state, call.input);
    case 'trigger_retrain':
      if (!state.decision) throw new Error('The guard lets nothing be retrained without a decision.');
      return triggerRetrain(toolbox, planOf(state.decision, call.input.reason));
    case 'evaluate_model':
      return evaluateModel(toolbox, call.input.version);
    case 'promote_model':
      return promoteModel(toolbox, state, call.input);
  }
}

async function inspect(
  { context }: Toolbox,
  tool: Extract<PipelineEvent, { type: 'inspected' }>['tool'],
  question: DriftQuestion,
): Promise<ToolAnswer> {
  const summary =
    question.kind === 'feature'
      ? `Look at column ${question.column}`.slice(0, 180)
      : `Look at the ${question.kind} drift`;
  const result = await drift.inspectDrift.executeWithOptions({ summary }, [
    { run_id: context.run_id, question },
  ]);
  return { result, is_error: false, event: { type: 'inspected', tool } };
}

function brokenEvent(call: ActingCall, code: string, detail: string): PipelineEvent | null {
  switch (call.name) {
    case 'trigger_retrain':
      return { type: 'training_failed', code, detail };
    case 'evaluate_model':
      return { type: 'evaluation_failed', code, detail };
    case 'promote_model':
      return { type: 'promotion_failed', version: call.input.version, code, detail };
    case 'inspect_statistical_drift':
    case 'inspect_feature_drift':
    case 'inspect_target_drift':
    case 'decide_retraining':
      return null;
  }
}
