import { type PipelineState, type ToolCall, type ToolName, toolName } from '@watchtower/contracts';
import type { Refusal } from './refusal.ts';
import { stageRefusal } from './stage-refusal.ts';
import { type CheckedCall, checkedCall } from './tool-call.ts';
import { sentence, shortened } from './words.ts';

export type GuardAnswer =
  | { readonly allowed: true; readonly call: CheckedCall }
  | ({ readonly allowed: false } & Refusal);

/** Of a reason that quotes an input, which may be wrong in as many places as it has fields. */
const mostCharacters = 2000;

/** Of one turn, this many calls may be carried out: a run's history has to stay within Temporal's limits. */
export const mostCallsOfTurn = 8;

/** Where a call stands in the run. */
export interface CallPosition {
  /** Number of the last step written; a summary may cite none beyond it. */
  readonly last_step: number;
  /** Calls of the same turn that come after this one; default 0. */
  readonly calls_after?: number;
  /** Calls of the same turn that came before it, allowed or not; default 0. */
  readonly calls_before?: number;
}

/**
 * Whether a reasoner's call may be carried out now. Pure: it knows only what has happened. A refusal is an
 * answer to the reasoner, not an exception; its reason says what to do instead.
 */
export function guard(state: PipelineState, call: ToolCall, position: CallPosition): GuardAnswer {
  if ((position.calls_before ?? 0) >= mostCallsOfTurn) {
    const reason = `Of one turn, ${mostCallsOfTurn} calls are carried out and this is a later one: make it again in the next.`;
    return { allowed: false, code: 'too_many_calls', reason };
  }
  const name = toolName.safeParse(call.name);
  if (!name.success) {
    const reason = `There is no tool "${call.name}". The tools are ${toolName.options.join(', ')}.`;
    return { allowed: false, code: 'unknown_tool', reason };
  }
  if (call.problem !== undefined) {
    const reason = `The input of ${name.data} could not be read: ${sentence(call.problem)}`;
    return { allowed: false, code: 'invalid_input', reason };
  }
  const checked = checkedCall.safeParse(call);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const reason = `The input of ${name.data} is not valid: ${problems.join('; ')}.`;
    return { allowed: false, code: 'invalid_input', reason: shortened(reason, mostCharacters) };
  }
  const refusal =
    stageRefusal(state, name.data) ??
    versionRefusal(state, checked.data) ??
    positionRefusal(checked.data, position);
  return refusal === null ? { allowed: true, call: checked.data } : { allowed: false, ...refusal };
}

/** The tools of which some call would be allowed now. */
export const allowedTools = (state: PipelineState): ToolName[] =>
  toolName.options.filter((tool) => stageRefusal(state, tool) === null);

/** A version named by the reasoner must be the one this run trained. */
function versionRefusal({ training }: PipelineState, call: CheckedCall): Refusal | null {
  if (call.name !== 'evaluate_model' && call.name !== 'promote_model') return null;
  if (training.status === 'succeeded' && training.version === call.input.version) return null;
  const own = training.status === 'succeeded' ? `version ${training.version}` : 'no version';
  const reason = `This run trained ${own}, not version ${shortened(call.input.version, 100)}.`;
  return { code: 'other_version', reason };
}

/** The summary comes last and cites steps that exist. */
function positionRefusal(call: CheckedCall, { last_step, calls_after = 0 }: CallPosition): Refusal | null {
  if (call.name !== 'write_summary') return null;
  const beyond = call.input.cites.findIndex((step) => step > last_step);
  if (beyond >= 0) {
    const reason =
      `The input of write_summary is not valid: input.cites.${beyond}: there is no step` +
      ` ${call.input.cites[beyond]}; the last one is ${last_step}.`;
    return { code: 'invalid_input', reason };
  }
  if (calls_after === 0) return null;
  const reason = 'The summary ends the run, so the other calls of this turn come first: ask for it again.';
  return { code: 'calls_follow', reason };
}
