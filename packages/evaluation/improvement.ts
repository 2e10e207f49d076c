import type { Direction, Improvement, MetricName } from '@watchtower/contracts';
import { delong } from './delong.ts';
import { prepareMetric } from './metrics.ts';
import { normalQuantile, normalSurvival } from './normal.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';
import type { Scores, ScoresOf } from './scores.ts';
import { unitWeights } from './weighted-metric.ts';

export interface ImprovementSettings {
  readonly metric: MetricName;
  readonly direction: Direction;
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
}

/**
 * How much better the challenger is in one metric, positive is better: by DeLong for `roc_auc`, by a seeded
 * paired bootstrap for all others.
 *
 * @returns null where the metric is undefined for either model
 */
export function improvementOf(
  challenger: Scores,
  champion: Scores,
  settings: ImprovementSettings,
): Improvement | null {
  const byDelong =
    settings.metric === 'roc_auc' &&
    challenger.task === 'binary_classification' &&
    champion.task === 'binary_classification' &&
    challenger.output === 'probability' &&
    champion.output === 'probability';
  return byDelong
    ? delongImprovement(challenger, champion, settings)
    : bootstrapImprovement(challenger, champion, settings);
}

function delongImprovement(
  challenger: ScoresOf<'binary_classification'>,
  champion: ScoresOf<'binary_classification'>,
  { metric, direction, confidence }: ImprovementSettings,
): Improvement | null {
  const result = delong(challenger.truth, challenger.predicted, champion.predicted);
  if (result === null) return null;
  const difference = signed(result.difference, direction);
  const error = Math.sqrt(result.variance);
  const margin = normalQuantile((1 + confidence) / 2) * error;
  return {
    metric,
    direction,
    difference,
    low: difference - margin,
    high: difference + margin,
    confidence,
    p_value: twoSidedP(difference, error),
    method: 'DeLong',
  };
}

/** Without any spread the difference is certain: 1 where there is none, else 0. */
function twoSidedP(difference: number, error: number): number {
  if (error === 0) return difference === 0 ? 1 : 0;
  return Math.min(1, 2 * normalSurvival(Math.abs(difference) / error));
}

function bootstrapImprovement(
  challenger: Scores,
  champion: Scores,
  { metric, direction, confidence, resamples, seed }: ImprovementSettings,
): Improvement | null {
  const rows = challenger.truth.length;
  const ofChallenger = prepareMetric(metric, challenger);
  const ofChampion = prepareMetric(metric, champion);
  const first = ofChallenger(unitWeights(rows));
  const second = ofChampion(unitWeights(rows));
  if (first === null || second === null) return null;
  const result = pairedBootstrap(ofChallenger, ofChampion, { rows, resamples, confidence, seed });
  if (result === null) return null;
  const ends = [signed(result.low, direction), signed(result.high, direction)];
  return {
    metric,
    direction,
    difference: signed(first - second, direction),
    low: Math.min(...ends),
    high: Math.max(...ends),
    confidence,
    p_value: result.pValue,
    method: `paired bootstrap, ${resamples} resamples, seed ${seed}`,
  };
}

/** Positive where the challenger is better. Never −0, which JSON cannot keep. */
const signed = (difference: number, direction: Direction): number =>
  (direction === 'maximize' ? difference : -difference) + 0;
