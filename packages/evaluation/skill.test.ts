import { describe, expect, test } from '@jest/globals';
import { betterDirection, type MetricName } from '@watchtower/contracts';
import { chanceMetric } from './confusion-metrics.ts';
import { firstChampionGate } from './gates.ts';
import { prepareLabelled } from './metrics.ts';
import oracle from './oracle/oracle.json' with { type: 'json' };
import { permutationP } from './permutation.ts';
import { SeededRandom } from './random.ts';
import type { Scores } from './scores.ts';
import { skillOf } from './skill.ts';
import { unitWeights } from './weighted-metric.ts';

const settings = { confidence: 0.95, resamples: 100, seed: 1 } as const;
const askedFor = (metric: MetricName) => ({ metric, direction: betterDirection(metric), ...settings });
const gateOf = (metric: MetricName, scores: Scores) =>
  firstChampionGate(skillOf(scores, askedFor(metric)), { primary_metric: metric });

const random = new SeededRandom(20130401);
const uniform = () => (random.uint32() + 0.5) / 2 ** 32;
const drawn = (rows: number, value: () => number) => Array.from({ length: rows }, value);

interface World {
  readonly what: string;
  readonly metric: MetricName;
  /** Scores that follow the truth by this share, and chance by the rest. */
  readonly scores: (skill: number) => Scores;
}

function binary(rows: number, prevalence: number, skill: number, threshold = 0.5): Scores {
  const truth = Uint8Array.from(drawn(rows, () => Number(uniform() < prevalence)));
  const predicted = Float64Array.from(truth, (label) => skill * label + (1 - skill) * uniform());
  return { task: 'binary_classification', output: 'probability', truth, predicted, threshold };
}

function several(rows: number, skill: number): Scores {
  const truth = Int32Array.from(drawn(rows, () => Math.floor(uniform() * 3)));
  const predicted = truth.map((code) => (uniform() < skill ? code : Math.floor(uniform() * 3)));
  return { task: 'multiclass_classification', truth, predicted, classes: 3 };
}

function values(rows: number, skill: number): Scores {
  const truth = Float64Array.from(drawn(rows, uniform));
  const predicted = truth.map((value) => skill * value + (1 - skill) * uniform());
  return { task: 'regression', truth, predicted };
}

const worlds: readonly World[] = [
  { what: 'half of the rows positive', metric: 'roc_auc', scores: (skill) => binary(100, 0.5, skill) },
  { what: 'six positive rows or so', metric: 'roc_auc', scores: (skill) => binary(200, 0.03, skill) },
  { what: 'six positive rows or so', metric: 'average_precision', scores: (s) => binary(200, 0.03, s) },
  { what: 'a tenth positive', metric: 'f1', scores: (skill) => binary(120, 0.1, skill) },
  { what: 'few alarms', metric: 'precision', scores: (skill) => binary(120, 0.1, skill, 0.7) },
  { what: 'half of the rows positive', metric: 'brier', scores: (skill) => binary(100, 0.5, skill) },
  { what: 'half of the rows positive', metric: 'accuracy', scores: (skill) => binary(100, 0.5, skill) },
  { what: 'three classes', metric: 'f1', scores: (skill) => several(100, skill) },
  { what: 'three classes', metric: 'accuracy', scores: (skill) => several(100, skill) },
  { what: 'values', metric: 'rmse', scores: (skill) => values(100, skill) },
  { what: 'values', metric: 'r2', scores: (skill) => values(100, skill) },
];

describe('the gate of a first champion', () => {
  const trials = 150;
  // One side of a 95 % interval is 2.5 %: more than 6.7 % of 150 trials would come about once in 500 times.
  test.each(worlds)(
    'is passed by chance in a fortieth of all cases: $metric, $what',
    ({ metric, scores }) => {
      let passed = 0;
      for (let trial = 0; trial < trials; trial += 1) {
        if (gateOf(metric, scores(0)).status === 'passed') passed += 1;
      }
      expect(passed / trials).toBeLessThanOrEqual(10 / 150);
    },
  );

  test.each(worlds)('is passed by a model with skill: $metric, $what', ({ metric, scores }) => {
    for (let trial = 0; trial < 4; trial += 1) {
      expect(gateOf(metric, scores(0.6))).toMatchObject({
        status: 'passed',
        reason: expect.stringMatching(/There is no champion to beat.*It has skill, beyond chance\./),
      });
    }
  });

  test.each(worlds)('is never passed by one answer for all rows: $metric, $what', ({ metric, scores }) => {
    const some = scores(0.6);
    const constant = { ...some, predicted: some.predicted.map(() => 1) } as Scores;
    expect(gateOf(metric, constant).status).not.toBe('passed');
  });

  test('says how likely chance does as well', () => {
    const { reason } = gateOf('roc_auc', binary(200, 0.5, 0.6));
    expect(reason).toMatch(/Of 100 shuffles of its predictions over the rows, 0 did as well \(p = 0\.0099, /);
    expect(gateOf('rmse', values(200, 0.9)).reason).toMatch(/With 95 % confidence it is better by 0\.\d+ to/);
  });

  test('leaves it to people where the metric is undefined', () => {
    const oneClass = { ...binary(200, 0.5, 0.5), truth: new Uint8Array(200) } as Scores;
    expect(gateOf('roc_auc', oneClass).status).toBe('inconclusive');
  });
});

describe('a model without skill', () => {
  const baseline = (metric: MetricName, scores: Scores) => skillOf(scores, askedFor(metric))?.baseline;

  test.each(oracle.binary)("has the metrics of scikit-learn's dummies with $name", (sample) => {
    const { truth, first, threshold, no_skill } = sample;
    const predicted = Float64Array.from(first);
    const scores = {
      task: 'binary_classification',
      output: 'probability',
      truth: Uint8Array.from(truth),
      predicted,
      threshold,
    } as const;
    for (const metric of ['roc_auc', 'average_precision', 'log_loss', 'brier', 'accuracy'] as const) {
      expect(baseline(metric, scores)).toBeCloseTo(no_skill[metric], 12);
    }
  });

  test("has the metrics of scikit-learn's dummies with several classes and with values", () => {
    const { multiclass, regression } = oracle;
    const classes = {
      task: 'multiclass_classification',
      truth: Int32Array.from(multiclass.truth),
      predicted: Int32Array.from(multiclass.predicted),
      classes: multiclass.classes,
    } as const;
    expect(baseline('accuracy', classes)).toBeCloseTo(multiclass.no_skill.accuracy, 12);
    const numbers = {
      task: 'regression',
      truth: Float64Array.from(regression.truth),
      predicted: Float64Array.from(regression.predicted),
    } as const;
    for (const metric of ['rmse', 'mae', 'r2'] as const) {
      expect(baseline(metric, numbers)).toBeCloseTo(regression.no_skill[metric], 12);
    }
  });

  test('labels as chance would: the mean over all orders of the predictions', () => {
    const orders = ordersOf([0, 0, 1, 2, 2, 1]);
    const scores = (predicted: readonly number[]) =>
      ({
        task: 'multiclass_classification',
        truth: Int32Array.of(0, 1, 1, 2, 1, 0),
        predicted: Int32Array.from(predicted),
        classes: 3,
      }) as const;
    for (const metric of ['balanced_accuracy', 'precision', 'recall', 'f1'] as const) {
      const all = orders.map(
        (order) => prepareLabelled(metric, scores(order))?.(unitWeights(6)) ?? Number.NaN,
      );
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
      expect(chanceMetric(metric, scores([0, 0, 1, 2, 2, 1]))).toBeCloseTo(mean, 12);
    }
  });
});

test.each(oracle.binary)('p-values are those of Mann and Whitney, and of Fisher, with $name', (sample) => {
  const truth = Uint8Array.from(sample.truth);
  const scores = {
    task: 'binary_classification',
    output: 'probability',
    truth,
    predicted: Float64Array.from(sample.second),
    threshold: sample.threshold,
  } as const;
  for (const metric of ['roc_auc', 'balanced_accuracy'] as const) {
    const labelled = prepareLabelled(metric, scores);
    if (labelled === null) throw new Error(`${metric} is a metric of labels`);
    const observed = labelled(unitWeights(truth.length)) ?? Number.NaN;
    const p = permutationP(labelled, truth, observed, { shuffles: 4000, seed: 7 });
    const exact = sample.skill_p[metric];
    // Four standard errors of a share of 4000, and what the normal approximation of Mann and Whitney's test is off.
    expect(Math.abs(p - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 4000) + 0.004);
  }
});

function ordersOf(codes: readonly number[]): readonly (readonly number[])[] {
  if (codes.length <= 1) return [codes];
  return codes.flatMap((code, i) => ordersOf(codes.toSpliced(i, 1)).map((rest) => [code, ...rest]));
}
