import type { RetrainingDecision, TrainingPlan } from '@watchtower/contracts';

/** What the trainer is asked: the decision's plan. One that advised against retraining and was followed by it means the plain one. */
export function planOf({ strategy, plan }: RetrainingDecision, reason: string): TrainingPlan {
  return { ...plan.training, reason, strategy: strategy === 'none' ? 'full_retrain' : strategy };
}
