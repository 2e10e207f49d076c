import { type FailureCode, failureCode, type PipelineState, type RunOutcome } from '@watchtower/contracts';

/** How a run ends that was neither cancelled nor broken off. */
export type RunEnd =
  | { readonly status: 'completed'; readonly outcome: RunOutcome }
  | {
      readonly status: 'failed';
      readonly failure: { readonly code: FailureCode; readonly message: string };
    };

const completed = (outcome: RunOutcome): RunEnd => ({ status: 'completed', outcome });
/** Codes come from activities as text; one the catalogue does not know is the fallback. */
const failed = (code: string, fallback: FailureCode, message: string): RunEnd => ({
  status: 'failed',
  failure: { code: failureCode.catch(fallback).parse(code), message },
});

/**
 * A run failed when something it had to do could not be done; whatever ended as it may end, a rejection
 * included, is a completed run. Derived from what happened, never from the summary.
 */
export function outcomeOf(state: PipelineState): RunEnd {
  const { training, evaluation, promotion, verdict, decision } = state;
  if (state.dry_run) return completed('dry_run');
  if (promotion !== null) return promotionEnd(promotion);
  if (training.status === 'failed') return failed(training.code, 'TrainingFailed', training.detail);
  if (evaluation?.status === 'failed') return failed(evaluation.code, 'EvaluationFailed', evaluation.detail);
  if (training.status === 'refused') return completed('refused');
  if (training.status === 'succeeded') return completed('kept');
  if (verdict.reasons.some(({ rule }) => rule === 'cooling_down')) return completed('refused');
  const urgency = decision?.urgency ?? verdict.urgency;
  return completed(urgency === 'none' ? 'no_action' : 'monitor');
}

function promotionEnd(promotion: NonNullable<PipelineState['promotion']>): RunEnd {
  switch (promotion.status) {
    case 'superseded':
      return failed('PromotionSuperseded', 'PromotionSuperseded', promotion.detail);
    case 'failed':
      return failed(promotion.code, 'Internal', promotion.detail);
    case 'promoted':
    case 'kept':
    case 'rejected':
    case 'expired':
    case 'void':
      return completed(promotion.status);
  }
}
