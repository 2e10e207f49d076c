/** Why a call is not allowed; stands in the `tool_result` beside the reason. */
export type RefusalCode =
  | 'unknown_tool'
  | 'invalid_input'
  | 'too_many_calls'
  | 'run_finished'
  | 'calls_follow'
  | 'dry_run'
  | 'already_decided'
  | 'not_decided'
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

export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}

/**
 * Whether a refusal says that the input could not be read or has the wrong form. Such a turn is malformed:
 * the reasoner is told once (`turnProblem`). Every other refusal is an answer like any result.
 */
export const isMalformed = ({ code }: Refusal): boolean => code === 'invalid_input';
