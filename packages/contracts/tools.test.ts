import { describe, expect, test } from '@jest/globals';
import { toolInputs } from './tools.ts';
import { trainingKnobs } from './training.ts';

const long = 'x'.repeat(201);
const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
const weights = (count: number) => Object.fromEntries(names(count).map((name) => [name, 1]));

describe('what a reasoner may write', () => {
  test.each([
    toolInputs.inspect_feature_drift.safeParse({ column: long }),
    toolInputs.evaluate_model.safeParse({ version: long }),
    toolInputs.promote_model.safeParse({ version: long, reason: 'better' }),
    trainingKnobs.safeParse({ feature_subset: [long] }),
    trainingKnobs.safeParse({ feature_subset: names(501) }),
    trainingKnobs.safeParse({ class_weights: { [long]: 1 } }),
    trainingKnobs.safeParse({ class_weights: weights(501) }),
  ])('has its limits (%#)', ({ success }) => {
    expect(success).toBe(false);
  });

  test('is taken up to them', () => {
    const knobs = { feature_subset: names(500), class_weights: weights(500) };
    expect(trainingKnobs.parse(knobs)).toEqual(knobs);
    expect(toolInputs.inspect_feature_drift.safeParse({ column: long.slice(1) }).success).toBe(true);
  });
});
