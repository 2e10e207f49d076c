import type { ReasonerTurn, ReasonRequest } from '@watchtower/contracts';

export interface ReasoningActivities {
  /** One turn of a reasoner. Key: (run, turn). */
  reason(request: ReasonRequest): Promise<ReasonerTurn>;
}
