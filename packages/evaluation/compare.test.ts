import { describe, expect, test } from '@jest/globals';
import { type ModelDefinition, modelDefinition } from '@watchtower/contracts';
import { compare } from './compare.ts';
import type { Scores } from './scores.ts';

const window = { from: '2013-07-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' };
const before = { from: '2013-01-01T00:00:00.000Z', to: '2013-07-01T00:00:00.000Z' };
const across = { from: '2013-01-01T00:00:00.000Z', to: '2013-07-02T00:00:00.000Z' };
const settings: ModelDefinition['evaluate'] = modelDefinition.shape.evaluate.parse({
  primary_metric: 'roc_auc',
  direction: 'maximize',
  min_improvement: 0.005,
  output: 'probability',
  guardrails: [{ metric: 'brier', max_degradation: 0.01 }],
});

/** Rows with a known share of skill: the prediction follows the truth more closely the greater it is. */
function scores(skill: number, rows = 600): Scores {
  const truth = Uint8Array.from({ length: rows }, (_, i) => i % 2);
  const noise = (i: number) => ((i * 7919) % 1009) / 1009;
  const predicted = Float64Array.from(truth, (value, i) => skill * value + (1 - skill) * noise(i));
  return { task: 'binary_classification', output: 'probability', truth, predicted, threshold: 0.5 };
}
const contender = (skill: number, rows?: number) => ({
  scores: scores(skill, rows),
  training_window: before,
});
const statusOf = (comparison: ReturnType<typeof compare>, name: string) =>
  comparison.gates.find((gate) => gate.name === name)?.status;

describe('compare', () => {
  test('promotes a challenger that is better beyond chance on rows nobody has seen', () => {
    const result = compare(settings, window, contender(0.4), contender(0.1));
    expect(result).toMatchObject({ outcome: 'promote', rows: 600, reason: 'Every gate passed.' });
    expect(result.improvement?.method).toBe('DeLong');
  });

  test('keeps the champion when the challenger is worse', () => {
    const result = compare(settings, window, contender(0.1), contender(0.4));
    expect(result.outcome).toBe('keep');
    expect(statusOf(result, 'significance')).toBe('failed');
    expect(statusOf(result, 'guardrail')).toBe('failed');
  });

  test('keeps the champion when both are the same', () => {
    const result = compare(settings, window, contender(0.3), contender(0.3));
    expect(result.outcome).toBe('keep');
    expect(statusOf(result, 'improvement')).toBe('failed');
  });

  test('an unknown training window of the champion leaves it to people', () => {
    const champion = { ...contender(0.1), training_window: null };
    const result = compare(settings, window, contender(0.4), champion);
    expect(result.outcome).toBe('inconclusive');
    expect(statusOf(result, 'verified')).toBe('inconclusive');
  });

  test('a challenger that has seen the rows fails, however good it is', () => {
    const challenger = { ...contender(0.9), training_window: across };
    expect(compare(settings, window, challenger, contender(0.1)).outcome).toBe('keep');
  });

  test('a window that ends where the evaluation begins shares no row with it', () => {
    expect(statusOf(compare(settings, window, contender(0.4), contender(0.1)), 'verified')).toBe('passed');
  });

  test.each([
    [0, 'failed', 'keep'],
    [199, 'inconclusive', 'inconclusive'],
  ])('%d rows are too few: sample_size %s, outcome %s', (rows, status, outcome) => {
    const result = compare(settings, window, contender(0.6, rows), contender(0.1, rows));
    expect(statusOf(result, 'sample_size')).toBe(status);
    expect(result.outcome).toBe(outcome);
  });

  test('a first champion must have skill, beyond chance', () => {
    const skilled = compare(settings, window, contender(0.3), null);
    expect(skilled).toMatchObject({ outcome: 'promote', improvement: null });
    expect(skilled.gates.map(({ name }) => name)).toEqual(['sample_size', 'verified', 'first_champion']);
    expect(skilled.gates.at(-1)).toMatchObject({
      threshold: 0.5,
      reason: expect.stringMatching(/beyond chance/),
    });

    const lucky = compare(settings, window, contender(0.01), null);
    expect(lucky.outcome).toBe('inconclusive');
    expect(lucky.gates.at(-1)?.value).toBeGreaterThan(0.5);
    expect(lucky.reason).toMatch(/There is no champion to beat.*shuffles.*not to be told from chance/);

    const inverted = scores(0.6);
    const challenger = {
      scores: { ...inverted, predicted: inverted.predicted.map((value) => 1 - value) },
      training_window: before,
    };
    expect(compare(settings, window, challenger as ReturnType<typeof contender>, null).outcome).toBe('keep');
  });

  test('a prediction that is no probability is refused, naming the row', () => {
    const wrong = scores(0.4);
    wrong.predicted[3] = 1.5;
    expect(() => compare(settings, window, { scores: wrong, training_window: before }, null)).toThrow(
      /row 3 is 1.5/,
    );
  });
});
