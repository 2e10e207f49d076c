import type { EvaluationOutcome, Gate, PipelineState } from '@watchtower/contracts';

/**
 * Whether people must decide before this promotion: where the definition wants them always, where a gate is
 * open, or where the reasoner asks for them, whatever the definition says. Where the definition never asks
 * and a gate is open, the guard has refused such a promotion already.
 *
 * @param askPeople `ask_people` of the `promote_model` call
 */
export function approvalNeeded(
  state: Pick<PipelineState, 'approval_required'>,
  { outcome, gates }: { readonly outcome: EvaluationOutcome; readonly gates: readonly Gate[] },
  askPeople: boolean,
): boolean {
  const open = outcome === 'inconclusive' || gates.some(({ status }) => status !== 'passed');
  return askPeople || open || state.approval_required === 'always';
}
