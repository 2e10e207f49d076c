import { describe, expect, test } from '@jest/globals';
import { metricName } from '@watchtower/contracts';
import { delong } from './delong.ts';
import { improvementOf } from './improvement.ts';
import { metricsOf } from './metrics.ts';
import { normalQuantile, normalSurvival } from './normal.ts';
import oracle from './oracle/oracle.json' with { type: 'json' };
import type { Scores } from './scores.ts';

/** What oracle/generate.py wrote down of scikit-learn and SciPy. */

function expectMetrics(scores: Scores, expected: Readonly<Record<string, number>>) {
  const actual = metricsOf(scores);
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, value] of Object.entries(expected)) {
    expect(actual[metricName.parse(name)]).toBeCloseTo(value, 12);
  }
}

describe('scikit-learn agrees', () => {
  test.each(oracle.binary)('on binary metrics with $name', ({ truth, first, threshold, metrics }) => {
    const task = 'binary_classification';
    const predicted = Float64Array.from(first);
    expectMetrics(
      { task, output: 'probability', truth: Uint8Array.from(truth), predicted, threshold },
      metrics,
    );
  });

  test('on metrics of several classes', () => {
    const { truth, predicted, classes, metrics } = oracle.multiclass;
    const task = 'multiclass_classification';
    expectMetrics(
      { task, truth: Int32Array.from(truth), predicted: Int32Array.from(predicted), classes },
      metrics,
    );
  });

  test('on metrics of values', () => {
    const { truth, predicted, metrics } = oracle.regression;
    const task = 'regression';
    expectMetrics(
      { task, truth: Float64Array.from(truth), predicted: Float64Array.from(predicted) },
      metrics,
    );
  });
});

describe('the definition agrees', () => {
  test.each(oracle.binary)(
    'on the DeLong test with $name',
    ({ truth, first, second, threshold, ...expected }) => {
      const labels = Uint8Array.from(truth);
      const result = delong(labels, Float64Array.from(first), Float64Array.from(second));
      expect(result?.difference).toBeCloseTo(expected.delong.difference, 12);
      expect(result?.variance).toBeCloseTo(expected.delong.variance, 12);
      const scores = (predicted: readonly number[]): Scores => ({
        task: 'binary_classification',
        output: 'probability',
        truth: labels,
        predicted: Float64Array.from(predicted),
        threshold,
      });
      const improvement = improvementOf(scores(first), scores(second), {
        metric: 'roc_auc',
        direction: 'maximize',
        confidence: 0.95,
        resamples: 100,
        seed: 1,
      });
      expect(improvement?.low).toBeCloseTo(expected.delong.low, 9);
      expect(improvement?.high).toBeCloseTo(expected.delong.high, 9);
      expect(improvement?.p_value).toBeCloseTo(expected.delong.p_value, 9);
    },
  );

  test('on the normal distribution', () => {
    for (const [i, z] of oracle.normal.z.entries()) {
      const expected = oracle.normal.survival[i] ?? Number.NaN;
      expect(normalSurvival(z) / expected).toBeCloseTo(1, 10);
    }
    for (const [i, p] of oracle.normal.p.entries()) {
      expect(normalQuantile(p)).toBeCloseTo(oracle.normal.quantile[i] ?? Number.NaN, 6);
    }
  });
});
