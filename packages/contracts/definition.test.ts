import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from './canonical-json.ts';
import { approvalBasis, definitionInput, modelDefinition, resolveDefinition } from './definition.ts';
import { digestOf } from './digest.ts';
import { fieldProblems } from './problem.ts';

const defaults = { task: 'binary_classification', shareThreshold: 0.2, minImprovement: 0.005 } as const;

const least: JsonObject = {
  version: 1,
  model: 'tiny',
  data: { source: { type: 'files', path: 'data/*.parquet' }, time_column: 'time', target: 'y' },
  windows: {
    reference: { from: '2026-01-01', to: '2026-02-01' },
    current: { last: '28d' },
  },
  retrain: { command: ['{python}', 'train.py'] },
  evaluate: { primary_metric: 'roc_auc' },
};
const resolved = (change: JsonObject = {}) =>
  resolveDefinition(definitionInput.parse({ ...least, ...change }), defaults);

const problemsOf = (change: JsonObject): string[] => {
  const parsed = definitionInput.safeParse({ ...least, ...change });
  return parsed.success
    ? []
    : fieldProblems(parsed.error, '').map(({ path, message }) => `${path}: ${message}`);
};

describe('a definition', () => {
  test('needs little; what is left open is filled in', () => {
    expect(resolved()).toMatchObject({
      task: 'binary_classification',
      registered_model: 'tiny',
      drift: { share_threshold: 0.2, alpha: 0.05, bins: 10 },
      retrain: {
        trainer: 'process',
        timeout: '1h',
        max_attempts: 2,
        cool_down: '24h',
        rule: 'dataset_drift',
      },
      evaluate: {
        direction: 'maximize',
        min_improvement: 0.005,
        output: 'probability',
        split: { fraction: 0.75 },
      },
      promote: { alias: 'champion' },
      approval: { required: 'always', deadline: '72h', authenticated: false },
    });
    expect(resolved().schedule).toBeUndefined();
  });

  test('that is stored is valid as it is, and resolving it again changes nothing', () => {
    const stored = resolved();
    expect(modelDefinition.parse(stored)).toEqual(stored);
    expect(resolveDefinition(definitionInput.parse(stored), defaults)).toEqual(stored);
  });

  test('what it says is stronger than the environment, zero included', () => {
    const { drift, evaluate, task } = resolved({
      task: 'regression',
      drift: { share_threshold: 0 },
      evaluate: { primary_metric: 'rmse', min_improvement: 0 },
    });
    expect({ drift: drift.share_threshold, improvement: evaluate.min_improvement, task }).toEqual({
      drift: 0,
      improvement: 0,
      task: 'regression',
    });
    expect(evaluate).toMatchObject({ direction: 'minimize', output: 'value' });
  });

  test.each([
    ['multiclass_classification', 'accuracy', 'label'],
    ['binary_classification', 'f1', 'probability'],
    ['regression', 'mae', 'value'],
  ])('of a %s task measured by %s takes %s from the model', (task, primary_metric, output) => {
    expect(resolved({ task, evaluate: { primary_metric } }).evaluate.output).toBe(output);
  });

  test('reads dates as midnight UTC and instants with their offset', () => {
    const windows = {
      reference: { from: '2026-01-01', to: '2026-02-01T12:00:00+02:00' },
      current: { last: '1d' },
    };
    expect(resolved({ windows }).windows).toMatchObject({
      reference: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T10:00:00.000Z' },
    });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['a misspelled field', { retrian: {} }, /retrian: there is no such field/],
    [
      'a window that ends before it begins',
      badWindow('2026-02-01', '2026-01-01'),
      /"from" must lie before "to"/,
    ],
    ['an empty window', badWindow('2026-02-01', '2026-02-01'), /"from" must lie before "to"/],
    ['a missing window', { windows: { current: { last: '1d' } } }, /a window named "reference" is needed/],
    ['a name with a slash', { model: 'a/b' }, /^model: /],
    ['an empty command', { retrain: { command: [] } }, /retrain\.command/],
    [
      'a cron expression of minute 61',
      { schedule: { cron: '61 6 * * 1' } },
      /^schedule\.cron: the minute was "61"/,
    ],
    [
      'a time zone that is none',
      { schedule: { cron: '0 6 * * 1', timezone: 'Europe/Atlantis' } },
      /^schedule\.timezone: "Europe\/Atlantis" is not a time zone/,
    ],
    [
      'a metric that the task does not have',
      { task: 'regression' },
      /^evaluate\.primary_metric: the task regression has no metric roc_auc; it has rmse, mae, r2$/,
    ],
    [
      'a guardrail that the task does not have',
      {
        task: 'multiclass_classification',
        evaluate: { primary_metric: 'f1', guardrails: [{ metric: 'log_loss', max_degradation: 0 }] },
      },
      /^evaluate\.guardrails\[0\]\.metric: the task multiclass_classification has no metric log_loss/,
    ],
    [
      'a metric that labels do not give',
      { evaluate: { primary_metric: 'roc_auc', output: 'label' } },
      /^evaluate\.primary_metric: roc_auc needs probabilities/,
    ],
    [
      'an output that the task does not have',
      { task: 'regression', evaluate: { primary_metric: 'rmse', output: 'label' } },
      /^evaluate\.output: of a regression model it is value$/,
    ],
    [
      'a direction in which the metric gets worse',
      { evaluate: { primary_metric: 'roc_auc', direction: 'minimize' } },
      /^evaluate\.direction: roc_auc gets better/,
    ],
    [
      'a split at the beginning of its window',
      splitAt('2026-02-01'),
      /^evaluate\.split\.at: lies outside the window "current" \(2026-02-01T/,
    ],
    ['a split at the end of its window', splitAt('2026-03-01'), /^evaluate\.split\.at: lies outside/],
    ['a cron expression with a year', { schedule: { cron: '0 6 * * 1 2026' } }, /five fields/],
    [
      'a schedule of a window that is not there',
      { schedule: { cron: '0 6 * * 1', window: 'june' } },
      /schedule\.window: the schedule names a window/,
    ],
  ])('with %s is refused at its place', (_what, change, problem) => {
    expect(problemsOf(change).join('\n')).toMatch(problem);
  });
});

describe('what an approval rests on', () => {
  const basis = (change: JsonObject = {}) => digestOf(approvalBasis(resolved(change)));

  test.each<[string, JsonObject]>([
    ['description', { description: 'in other words' }],
    ['schedule', { schedule: { cron: '0 6 * * 1' } }],
    ['retrain', { retrain: { command: ['true'] } }],
  ])('is not its %s', (_section, change) => {
    expect(basis(change)).toBe(basis());
  });

  test.each<[string, JsonObject]>([
    ['task', { task: 'multiclass_classification', evaluate: { primary_metric: 'f1' } }],
    ['registered model', { registered_model: 'another' }],
    ['data', { data: { source: { type: 'synthetic' }, time_column: 'time', target: 'y' } }],
    ['evaluation', { evaluate: { primary_metric: 'roc_auc', confidence: 0.9 } }],
    ['alias', { promote: { alias: 'live' } }],
    ['approval', { approval: { required: 'never' } }],
  ])('is its %s', (_section, change) => {
    expect(basis(change)).not.toBe(basis());
  });
});

test("the environment's task has to suit what the definition says", () => {
  const input = definitionInput.parse(least);
  const wrong = () => resolveDefinition(input, { ...defaults, task: 'regression' });
  expect(wrong).toThrow(/the task regression has no metric roc_auc/);
});

function splitAt(at: string): JsonObject {
  return {
    windows: {
      reference: { from: '2026-01-01', to: '2026-02-01' },
      current: { from: '2026-02-01', to: '2026-03-01' },
    },
    evaluate: { primary_metric: 'roc_auc', split: { at } },
  };
}

function badWindow(from: string, to: string): JsonObject {
  return { windows: { reference: { from, to }, current: { last: '1d' } } };
}
