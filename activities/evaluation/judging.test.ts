import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { modelDefinition } from '@watchtower/contracts';
import { compare, metricsOf, type Scores } from '@watchtower/evaluation';
import { judgeBoth, judgeModel } from './judging.ts';

const window = { from: '2013-07-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' };
const before = { from: '2013-01-01T00:00:00.000Z', to: '2013-07-01T00:00:00.000Z' };
const settings = modelDefinition.shape.evaluate.parse({
  primary_metric: 'average_precision',
  direction: 'maximize',
  min_improvement: 0.005,
  output: 'probability',
  bootstrap_resamples: 100,
});

function scores(skill: number, rows: number): Scores {
  const truth = Uint8Array.from({ length: rows }, (_, i) => i % 2);
  const predicted = Float64Array.from(
    truth,
    (label, i) => skill * label + ((1 - skill) * ((i * 7919) % 1009)) / 1009,
  );
  return { task: 'binary_classification', output: 'probability', truth, predicted, threshold: 0.5 };
}
const contender = (skill: number, rows: number) => ({ scores: scores(skill, rows), training_window: before });
const never = new AbortController().signal;

// A thread that loads its sources anew takes seconds on a busy machine.
jest.setTimeout(60_000);

describe('on a thread of their own', () => {
  test('models are compared as they are on this one', async () => {
    const [challenger, champion] = [contender(0.4, 300), contender(0.1, 300)];
    const here = compare(settings, window, challenger, champion);
    expect(await judgeBoth({ settings, window, challenger, champion }, never)).toEqual(here);
    expect(await judgeModel(challenger.scores, never)).toEqual(metricsOf(challenger.scores));
  });

  test('a failure keeps its code', async () => {
    const broken = scores(0.4, 300);
    broken.predicted[3] = Number.NaN;
    const question = {
      settings,
      window,
      challenger: { scores: broken, training_window: before },
      champion: null,
    };
    await expect(judgeBoth(question, never)).rejects.toMatchObject({
      name: 'WatchtowerError',
      code: 'EvaluationFailed',
      message: expect.stringContaining('row 3 is NaN'),
    });
  });

  test('a comparison of many minutes keeps nobody waiting, and ends when it is cancelled', async () => {
    const controller = new AbortController();
    const endless = { ...settings, bootstrap_resamples: 100_000 };
    const question = {
      settings: endless,
      window,
      challenger: contender(0.4, 50_000),
      champion: contender(0.1, 50_000),
    };
    const judged = judgeBoth(question, controller.signal);
    // On this thread it would not come so far.
    await sleep(300);
    controller.abort(new Error('nobody wants it any more'));
    await expect(judged).rejects.toThrow('nobody wants it any more');
    await expect(judgeBoth(question, controller.signal)).rejects.toThrow('nobody wants it any more');
  });
});
