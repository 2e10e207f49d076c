import { expect } from '@jest/globals';
import { decide, look, type ReasonerScript, say, sumUp, turns } from './reasoner-script.ts';

const nothingDone = { retrained: false, evaluated: false, promoted: false };

/** The model wants what the evidence or the rules do not. */
export const defiantModels: readonly ReasonerScript[] = [
  {
    name: 'lies in its summary',
    through: ['anthropic'],
    story: 'Claims a training and a promotion that never were; flags and facts say what happened.',
    order: { data_window_id: 'calm' },
    answers: turns(
      look,
      decide({ urgency: 'none', strategy: 'none' }),
      sumUp({ headline: 'Promoted version 7', summary: 'I retrained the model and promoted version 7.' }),
    ),
    ends: { outcome: 'monitor', requests: 3 },
    check: ({ detail }) => {
      expect(detail).toMatchObject({ flags: { drift_detected: false, ...nothingDone }, training: null });
      expect(detail.summary).toMatchObject({ headline: 'Promoted version 7' });
      expect(detail.summary?.facts).toMatch(/nothing was retrained|no retraining|not to retrain/i);
      expect(detail.summary?.facts).not.toContain('7');
    },
  },
  {
    name: 'plays it down',
    through: ['openai'],
    story: 'Calls clear drift no urgency and wants no retraining; the rules override both.',
    answers: turns(look, decide({ urgency: 'none', strategy: 'none' }), sumUp()),
    ends: { outcome: 'dry_run', requests: 3 },
    check: ({ detail }) => {
      expect(detail).toMatchObject({
        urgency: 'immediate',
        alert: true,
        decision: { urgency: 'immediate', retrain: true },
      });
      expect(detail.decision?.overrides.map(({ field }) => field)).toEqual(['urgency', 'strategy']);
    },
  },
  {
    name: 'acts in a dry run',
    through: ['anthropic'],
    story: 'Wants to retrain and to promote in a dry run; both are refused, and it sums up.',
    answers: turns(
      decide(),
      say('I retrain.', 'trigger_retrain', { reason: 'x1 moved' }),
      say('I promote.', 'promote_model', { version: '1', reason: 'it is mine' }),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 4, refused: ['dry_run', 'dry_run'] },
    check: ({ detail }) => expect(detail).toMatchObject({ flags: nothingDone, training: null }),
  },
  {
    name: 'cites what is not there',
    through: ['openai'],
    story: 'Rests its summary on step 999; it is told the last one there is, and does better.',
    answers: turns(look, decide(), sumUp({ cites: [999] }), sumUp()),
    ends: { outcome: 'dry_run', requests: 4, corrected: 1, refused: ['invalid_input'] },
  },
  {
    name: 'plans with a column that is not there',
    through: ['openai'],
    story: 'Wants to train on `x9`; the answer names the features there are, before anything is trained.',
    answers: turns(
      look,
      decide({ plan: { training: { feature_subset: ['x1', 'x9'] } } }),
      decide({ plan: { training: { feature_subset: ['x1', 'x3'] } } }),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 4, refused: ['ColumnMissing'] },
    check: ({ detail, steps }) => {
      expect(detail.decision?.plan.training.feature_subset).toEqual(['x1', 'x3']);
      const refused = steps.find(({ payload }) => payload.is_error === true);
      expect(refused?.message).toMatch(/x9.*colour, x1, x2, x3, x4/);
    },
  },
  {
    name: 'weighs a class that is not there',
    through: ['anthropic'],
    story:
      'Gives the class `2` a weight; the answer names the classes there are, before anything is trained.',
    answers: turns(
      decide({ plan: { training: { class_weights: { '0': 1, '2': 5 } } } }),
      decide({ plan: { training: { class_weights: { '0': 1, '1': 5 } } } }),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 3, refused: ['ClassUnknown'] },
    check: ({ detail, steps }) => {
      expect(detail.decision?.plan.training.class_weights).toEqual({ '0': 1, '1': 5 });
      const refused = steps.find(({ payload }) => payload.is_error === true);
      expect(refused?.message).toMatch(/no class "2".*0, 1/);
    },
  },
];
