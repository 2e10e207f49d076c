import type { EvaluationOutcome, PipelineState } from '@watchtower/contracts';

/**
 * Whether people must decide before this promotion. What gates left open always needs people; where the
 * definition never asks them, the guard has refused such a promotion already.
 */
export function approvalNeeded(
  state: Pick<PipelineState, 'approval_required'>,
  evaluation: { readonly outcome: EvaluationOutcome },
): boolean {
  return state.approval_required === 'always' || evaluation.outcome === 'inconclusive';
}
