import { type PipelineState, type ToolCall, type ToolName, toolName } from '@watchtower/contracts';
import { type CheckedCall, checkedCall } from './tool-call.ts';

/** Why a call is not allowed; stands in the `tool_result` beside the reason. */
export type RefusalCode =
  | 'unknown_tool'
  | 'invalid_input'
  | 'run_finished'
  | 'dry_run'
  | 'retraining_not_warranted'
  | 'already_trained'
  | 'not_trained'
  | 'other_version'
  | 'already_evaluated'
  | 'not_evaluated'
  | 'gate_failed'
  | 'inconclusive_without_people'
  | 'already_put_forward'
  | 'retraining_not_tried';

interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}
export type GuardAnswer =
  | { readonly allowed: true; readonly call: CheckedCall }
  | ({ readonly allowed: false } & Refusal);

/**
 * Whether a reasoner's call may be carried out now. Pure: it knows only what has happened. A refusal is an
 * answer to the reasoner, not an exception; its reason says what to do instead.
 */
export function guard(state: PipelineState, call: ToolCall): GuardAnswer {
  const name = toolName.safeParse(call.name);
  if (!name.success) {
    const reason = `There is no tool "${call.name}". The tools are ${toolName.options.join(', ')}.`;
    return { allowed: false, code: 'unknown_tool', reason };
  }
  const checked = checkedCall.safeParse(call);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const reason = `The input of ${name.data} is not valid: ${problems.join('; ')}.`;
    return { allowed: false, code: 'invalid_input', reason };
  }
  const refusal = stageRefusal(state, name.data) ?? versionRefusal(state, checked.data);
  return refusal === null ? { allowed: true, call: checked.data } : { allowed: false, ...refusal };
}

/** The tools of which some call would be allowed now. */
export const allowedTools = (state: PipelineState): ToolName[] =>
  toolName.options.filter((tool) => stageRefusal(state, tool) === null);

/** What the stage of the run has against a tool, whatever its input. */
function stageRefusal(state: PipelineState, tool: ToolName): Refusal | null {
  if (state.summary_written) {
    return { code: 'run_finished', reason: 'The summary is written; nothing may follow it.' };
  }
  switch (tool) {
    case 'inspect_statistical_drift':
    case 'inspect_feature_drift':
    case 'inspect_target_drift':
      return null;
    case 'trigger_retrain':
      return dryRunRefusal(state) ?? retrainRefusal(state);
    case 'evaluate_model':
      return dryRunRefusal(state) ?? evaluateRefusal(state);
    case 'promote_model':
      return dryRunRefusal(state) ?? promoteRefusal(state);
    case 'write_summary':
      return summaryRefusal(state);
  }
}

const dryRunRefusal = (state: PipelineState): Refusal | null =>
  state.dry_run
    ? { code: 'dry_run', reason: 'This is a dry run: say in the summary what would be done instead.' }
    : null;

function retrainRefusal({ training, verdict }: PipelineState): Refusal | null {
  if (training.status !== 'none') {
    const reason = `A run trains at most once, and this one's training was ${training.status}.`;
    return { code: 'already_trained', reason };
  }
  if (verdict.retrain) return null;
  const against = verdict.reasons.find(({ rule }) => rule === 'retrain_never' || rule === 'cooling_down');
  if (against !== undefined) return { code: 'retraining_not_warranted', reason: against.detail };
  if (verdict.urgency !== 'none') return null;
  return { code: 'retraining_not_warranted', reason: 'Nothing moved: there is no reason to retrain.' };
}

function evaluateRefusal({ training, evaluation }: PipelineState): Refusal | null {
  if (training.status !== 'succeeded') {
    const reason = 'Only the challenger that this run trained can be evaluated, and it has trained none.';
    return { code: 'not_trained', reason };
  }
  if (evaluation === null) return null;
  return { code: 'already_evaluated', reason: 'The challenger of this run was evaluated already.' };
}

function promoteRefusal({
  evaluation,
  training,
  promotion,
  approval_required,
}: PipelineState): Refusal | null {
  if (promotion !== null) {
    const reason = `A run puts one version forward, and that ended: ${promotion.status}.`;
    return { code: 'already_put_forward', reason };
  }
  if (training.status !== 'succeeded') {
    const reason = 'Only the challenger that this run trained can be promoted, and it has trained none.';
    return { code: 'not_trained', reason };
  }
  if (evaluation?.status !== 'done' || evaluation.version !== training.version) {
    const reason = `Version ${training.version} must be evaluated before it can be promoted.`;
    return { code: 'not_evaluated', reason };
  }
  const failed = evaluation.gates.filter((gate) => gate.status === 'failed');
  if (failed.length > 0 || evaluation.outcome === 'keep') {
    const names = failed.map((gate) => gate.name).join(', ');
    const reason = `The evaluation keeps the champion${names === '' ? '' : ` (failed: ${names})`}.`;
    return { code: 'gate_failed', reason };
  }
  const open = evaluation.outcome === 'inconclusive' || evaluation.gates.some((g) => g.status !== 'passed');
  if (open && approval_required === 'never') {
    const reason =
      'The evaluation is inconclusive and this model asks nobody for approval: the champion stays.';
    return { code: 'inconclusive_without_people', reason };
  }
  return null;
}

function summaryRefusal({ dry_run, verdict, training, evaluation }: PipelineState): Refusal | null {
  if (dry_run) return null;
  if (verdict.retrain && training.status === 'none') {
    const reason = 'The verdict demands a retraining: call trigger_retrain before the summary.';
    return { code: 'retraining_not_tried', reason };
  }
  if (training.status === 'succeeded' && evaluation === null) {
    const reason = `Version ${training.version} was trained: call evaluate_model before the summary.`;
    return { code: 'not_evaluated', reason };
  }
  return null;
}

/** A version named by the reasoner must be the one this run trained. */
function versionRefusal({ training }: PipelineState, call: CheckedCall): Refusal | null {
  if (call.name !== 'evaluate_model' && call.name !== 'promote_model') return null;
  if (training.status === 'succeeded' && training.version === call.input.version) return null;
  const own = training.status === 'succeeded' ? `version ${training.version}` : 'no version';
  const reason = `This run trained ${own}, not version ${call.input.version}.`;
  return { code: 'other_version', reason };
}
