import type { EvaluationReport, ModelDefinition, TimeWindow } from '@watchtower/contracts';
import {
  firstChampionGate,
  guardrailGates,
  improvementGate,
  outcomeOfGates,
  sampleSizeGate,
  significanceGate,
  verifiedGate,
} from './gates.ts';
import { improvementOf } from './improvement.ts';
import { metricsOf } from './metrics.ts';
import { checkScores, type Scores } from './scores.ts';
import { skillOf } from './skill.ts';

/** One model in a comparison. */
export interface Contender {
  readonly scores: Scores;
  /** The rows it learned from; null where that is unknown. */
  readonly training_window: TimeWindow | null;
}

export type Comparison = Pick<EvaluationReport, 'rows' | 'improvement' | 'gates' | 'outcome' | 'reason'>;

/** Of resamples and shuffles: a comparison repeated on the same rows gives the same numbers. */
const seed = 1;

/**
 * Compares a challenger with the champion on the same rows, or, where there is none, with a model without
 * skill.
 *
 * @throws WatchtowerError `EvaluationFailed` where scores are not of the expected form
 */
export function compare(
  settings: ModelDefinition['evaluate'],
  window: TimeWindow,
  challenger: Contender,
  champion: Contender | null,
): Comparison {
  checkScores(challenger.scores);
  if (champion !== null) checkScores(champion.scores);
  const rows = challenger.scores.truth.length;
  const asked = {
    metric: settings.primary_metric,
    direction: settings.direction,
    confidence: settings.confidence,
    resamples: settings.bootstrap_resamples,
    seed,
  };
  const improvement = champion === null ? null : improvementOf(challenger.scores, champion.scores, asked);
  const gates = [
    sampleSizeGate(rows, settings.minimum_rows),
    verifiedGate(window, challenger.training_window, champion),
    ...(champion === null
      ? [firstChampionGate(skillOf(challenger.scores, asked), settings)]
      : [
          improvementGate(improvement, settings),
          significanceGate(improvement, settings),
          ...guardrailGates(metricsOf(challenger.scores), metricsOf(champion.scores), settings),
        ]),
  ];
  const outcome = outcomeOfGates(gates);
  return { rows, improvement, gates, outcome, reason: reasonOf(outcome, gates) };
}

function reasonOf(outcome: Comparison['outcome'], gates: Comparison['gates']): string {
  if (outcome === 'promote') return 'Every gate passed.';
  const status = outcome === 'keep' ? 'failed' : 'inconclusive';
  return gates
    .filter((gate) => gate.status === status)
    .map(({ reason }) => reason)
    .join(' ');
}
