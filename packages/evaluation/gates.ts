import {
  betterDirection,
  type Direction,
  type EvaluationOutcome,
  type Gate,
  type Improvement,
  type MetricName,
  type Metrics,
  type ModelDefinition,
  type TimeWindow,
} from '@watchtower/contracts';
import type { Skill } from './skill.ts';

type Settings = ModelDefinition['evaluate'];

export function sampleSizeGate(rows: number, minimum: number): Gate {
  const reason = `${rows} labelled rows were held out; ${minimum} are needed.`;
  const status = rows >= minimum ? 'passed' : rows === 0 ? 'failed' : 'inconclusive';
  return { name: 'sample_size', metric: null, status, value: rows, threshold: minimum, reason };
}

/**
 * A challenger that has seen the rows it is judged on fails. A champion that has, or of which it is not
 * known, makes the comparison unfair rather than wrong: people decide.
 */
export function verifiedGate(
  window: TimeWindow,
  challenger: TimeWindow | null,
  champion: { readonly training_window: TimeWindow | null } | null,
): Gate {
  const answer = (status: Gate['status'], reason: string): Gate => ({
    name: 'verified',
    metric: null,
    status,
    value: null,
    threshold: null,
    reason,
  });
  if (challenger !== null && overlaps(challenger, window)) {
    return answer('failed', 'The challenger was trained on rows it is judged on.');
  }
  if (challenger === null)
    return answer('inconclusive', 'On which rows the challenger was trained is unknown.');
  if (champion === null) return answer('passed', 'The challenger was trained on none of these rows.');
  if (champion.training_window === null) {
    return answer(
      'inconclusive',
      'On which rows the champion was trained is unknown: the comparison is unverified.',
    );
  }
  return overlaps(champion.training_window, window)
    ? answer('inconclusive', 'The champion was trained on some of these rows, which flatters it.')
    : answer('passed', 'Neither model was trained on any of these rows.');
}

/** Windows are half open: one that ends where the other begins shares no row with it. */
const overlaps = (a: TimeWindow, b: TimeWindow): boolean => a.from < b.to && b.from < a.to;

export function improvementGate(improvement: Improvement | null, settings: Settings): Gate {
  const { primary_metric: metric, min_improvement: threshold } = settings;
  if (improvement === null) return undefinedGate('improvement', metric, threshold);
  const value = improvement.difference;
  const reason = `${metric} is ${comparison(value)} than the champion's; ${threshold} better is asked for.`;
  return {
    name: 'improvement',
    metric,
    status: value >= threshold ? 'passed' : 'failed',
    value,
    threshold,
    reason,
  };
}

/** An interval that holds zero leaves the question open; one that lies below it answers it. */
export function significanceGate(improvement: Improvement | null, settings: Settings): Gate {
  if (improvement === null) return undefinedGate('significance', settings.primary_metric, 0);
  const { metric, low, high, confidence, p_value } = improvement;
  const status = low > 0 ? 'passed' : high < 0 ? 'failed' : 'inconclusive';
  const interval = `${rounded(low)} to ${rounded(high)}`;
  const verdict = {
    passed: 'better, beyond chance',
    failed: 'worse, beyond chance',
    inconclusive: 'not to be told from chance',
  }[status];
  const reason =
    `With ${rounded(confidence * 100)} % confidence the difference in ${metric} lies in ${interval}` +
    ` (p = ${p_value.toPrecision(2)}): ${verdict}.`;
  return { name: 'significance', metric, status, value: low, threshold: 0, reason };
}

export function guardrailGates(challenger: Metrics, champion: Metrics, settings: Settings): readonly Gate[] {
  return settings.guardrails.map(({ metric, max_degradation: threshold }): Gate => {
    const ours = challenger[metric] ?? null;
    const theirs = champion[metric] ?? null;
    if (ours === null || theirs === null) return undefinedGate('guardrail', metric, threshold);
    const value = gain(ours, theirs, betterDirection(metric));
    const status = -value <= threshold ? 'passed' : 'failed';
    const reason = `${metric} is ${comparison(value)} than the champion's; ${threshold} worse is allowed.`;
    return { name: 'guardrail', metric, status, value, threshold, reason };
  });
}

/**
 * Without a champion to beat, the challenger must beat a model without skill, and by more than chance
 * explains: a challenger that guesses is better than a guess half the time.
 */
export function firstChampionGate(
  skill: Skill | null,
  { primary_metric: metric }: Pick<Settings, 'primary_metric'>,
): Gate {
  if (skill === null) return undefinedGate('first_champion', metric, null);
  const { value, baseline: threshold, better, significant, evidence } = skill;
  const status = !better ? 'failed' : significant ? 'passed' : 'inconclusive';
  const verdict = {
    passed: 'It has skill, beyond chance.',
    failed: 'It has no skill.',
    inconclusive: 'That is not to be told from chance.',
  }[status];
  const reason =
    `There is no champion to beat. ${metric} is ${rounded(value)};` +
    ` without any skill it would be ${rounded(threshold)}. ${evidence} ${verdict}`;
  return { name: 'first_champion', metric, status, value, threshold, reason };
}

/** One failed gate keeps the champion; else one that is open leaves it to people. */
export function outcomeOfGates(gates: readonly Gate[]): EvaluationOutcome {
  if (gates.some(({ status }) => status === 'failed')) return 'keep';
  return gates.length > 0 && gates.every(({ status }) => status === 'passed') ? 'promote' : 'inconclusive';
}

function undefinedGate(name: Gate['name'], metric: MetricName, threshold: number | null): Gate {
  const reason = `${metric} is undefined on these rows (only one class, or not an output of the model).`;
  return { name, metric, status: 'inconclusive', value: null, threshold, reason };
}

const gain = (value: number, other: number, direction: Direction): number =>
  (direction === 'maximize' ? value - other : other - value) + 0;
const rounded = (value: number): string => String(Number(value.toPrecision(4)));
const comparison = (value: number): string =>
  value === 0 ? 'no different' : `${rounded(Math.abs(value))} ${value > 0 ? 'better' : 'worse'}`;
