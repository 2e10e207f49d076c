import type { ReasonerTurn, ReplacementCause } from '@watchtower/contracts';
import type { TurnProblem } from './turn-problem.ts';

/** When `reason` failed for good. @param code of the failure catalogue, or any other */
export function replacementOnFailure(code: string): ReplacementCause {
  if (code === 'ReasonerTokensSpent') return 'tokens_spent';
  return code === 'ReasonerCostSpent' ? 'cost_spent' : 'failed';
}

/**
 * After a turn: the provider refused to answer, or it was the second malformed turn in a row.
 *
 * @param problem what `turnProblem` says of this turn
 * @param corrected the turn before it was malformed, too, and the reasoner was told
 */
export function replacementOnTurn(
  { stop }: Pick<ReasonerTurn, 'stop'>,
  problem: TurnProblem | null,
  corrected: boolean,
): ReplacementCause | null {
  if (stop === 'refusal') return 'refused';
  return problem !== null && corrected ? problem.cause : null;
}
