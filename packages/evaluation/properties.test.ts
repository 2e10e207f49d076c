import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { improvementOf } from './improvement.ts';
import { metricOf, metricsOf, prepareMetric } from './metrics.ts';
import type { Scores, ScoresOf } from './scores.ts';
import { unitWeights } from './weighted-metric.ts';

type BinaryScores = ScoresOf<'binary_classification'>;
const binary = (rows: readonly { readonly truth: number; readonly predicted: number }[]): BinaryScores => ({
  task: 'binary_classification',
  output: 'probability',
  truth: Uint8Array.from(rows, ({ truth }) => truth),
  predicted: Float64Array.from(rows, ({ predicted }) => predicted),
  threshold: 0.5,
});
const row = fc.record({
  truth: fc.integer({ min: 0, max: 1 }),
  // Few values, so that ties are common.
  predicted: fc.integer({ min: 0, max: 20 }).map((value) => value / 20),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });

/** The definition: pairs of a positive and a negative row, ties counting half. */
function aucByPairs({ truth, predicted }: BinaryScores): number | null {
  let above = 0;
  let pairs = 0;
  for (const [i, positive] of predicted.entries()) {
    for (const [j, negative] of predicted.entries()) {
      if (truth[i] !== 1 || truth[j] !== 0) continue;
      pairs += 1;
      above += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    }
  }
  return pairs === 0 ? null : above / pairs;
}

describe('metrics', () => {
  test('roc_auc is the share of pairs in the right order, and null with a single class', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const expected = aucByPairs(binary(drawn));
        const actual = metricOf('roc_auc', binary(drawn));
        if (expected === null) expect(actual).toBeNull();
        else expect(actual).toBeCloseTo(expected, 12);
      }),
    );
  });

  test('a row of weight two counts like the row twice', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (drawn, which) => {
        const index = which % drawn.length;
        const twice = drawn[index];
        const weights = unitWeights(drawn.length);
        weights[index] = 2;
        const repeated = metricsOf(binary(twice === undefined ? drawn : [...drawn, twice]));
        for (const metric of ['roc_auc', 'average_precision', 'log_loss', 'brier', 'f1'] as const) {
          const weighted = prepareMetric(metric, binary(drawn))(weights);
          const expected = repeated[metric] ?? null;
          if (expected === null) expect(weighted).toBeNull();
          else expect(weighted).toBeCloseTo(expected, 10);
        }
      }),
    );
  });

  test('the order of the rows does not matter', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const forwards = metricsOf(binary(drawn));
        for (const [name, value] of Object.entries(metricsOf(binary(drawn.toReversed())))) {
          const other = Object.entries(forwards).find(([each]) => each === name)?.[1] ?? null;
          if (value === null) expect(other).toBeNull();
          else expect(value).toBeCloseTo(other ?? Number.NaN, 10);
        }
      }),
    );
  });
});

const settings = { confidence: 0.95, resamples: 200, seed: 1 } as const;

describe('improvementOf', () => {
  test('swapping the models turns the sign, whatever the method', () => {
    const pairs = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 20 })), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(pairs, fc.constantFrom('roc_auc' as const, 'brier' as const), (drawn, metric) => {
        const first = binary(drawn.map(([each]) => each));
        const second = binary(drawn.map(([each, other]) => ({ ...each, predicted: other / 20 })));
        const direction = metric === 'brier' ? 'minimize' : 'maximize';
        const forth = improvementOf(first, second, { metric, direction, ...settings });
        const back = improvementOf(second, first, { metric, direction, ...settings });
        expect(forth === null).toBe(back === null);
        if (forth === null || back === null) return;
        expect(forth.difference).toBeCloseTo(-back.difference, 10);
        expect(forth.low).toBeCloseTo(-back.high, 10);
        expect(forth.p_value).toBeCloseTo(back.p_value, 10);
        expect(forth.low).toBeLessThanOrEqual(forth.high);
      }),
      { numRuns: 50 },
    );
  });

  test('a model compared with itself is no better, and certainly so', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('roc_auc' as const, 'f1' as const), (drawn, metric) => {
        const scores: Scores = binary(drawn);
        const improvement = improvementOf(scores, scores, { metric, direction: 'maximize', ...settings });
        if (improvement === null) return;
        expect(improvement).toMatchObject({ difference: 0, low: 0, high: 0, p_value: 1 });
      }),
      { numRuns: 50 },
    );
  });

  test('the same seed gives the same interval, another one a different one', () => {
    const drawn = Array.from({ length: 80 }, (_, i) => ({ truth: i % 2, predicted: ((i * 7) % 20) / 20 }));
    const other = binary(drawn.map(({ truth }, i) => ({ truth, predicted: ((i * 3) % 20) / 20 })));
    const at = (seed: number) =>
      improvementOf(binary(drawn), other, { metric: 'brier', direction: 'minimize', ...settings, seed });
    expect(at(1)).toEqual(at(1));
    expect(at(1)?.low).not.toBe(at(2)?.low);
  });
});
