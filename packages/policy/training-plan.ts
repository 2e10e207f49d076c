import type { RetrainingDecision, TrainingPlan } from '@watchtower/contracts';

/**
 * What the trainer is asked: the decision's plan, for the reason given in the call. The guard lets no training
 * follow a decision against one, so that `none` has no meaning here but the plain strategy.
 */
export function planOf({ strategy, plan }: RetrainingDecision, reason: string): TrainingPlan {
  return { ...plan.training, reason, strategy: strategy === 'none' ? 'full_retrain' : strategy };
}
