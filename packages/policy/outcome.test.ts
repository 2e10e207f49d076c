import { describe, expect, test } from '@jest/globals';
import { failureCode } from '@watchtower/contracts';
import { outcomeOf } from './outcome.ts';
import { advance, type PipelineEvent } from './pipeline-state.ts';
import { quiet } from './testing/evidence.ts';
import { begin, decided, evaluated, trained } from './testing/states.ts';
import { verdictOf } from './verdict.ts';

const calm = begin({ verdict: verdictOf(quiet) });
const ended = (status: 'kept' | 'rejected' | 'superseded'): PipelineEvent => ({
  type: 'promotion_ended',
  status,
  version: '2',
  detail: 'so it ended',
});

describe('outcomeOf', () => {
  test.each([
    ['nothing moved', decided(calm, { urgency: 'none', strategy: 'none' }), 'no_action'],
    ['a reasoner raised the urgency', decided(calm, { urgency: 'soon', strategy: 'none' }), 'monitor'],
    ['a dry run', decided(begin({ dry_run: true })), 'dry_run'],
    [
      'another training was under way',
      advance(decided(), { type: 'training_refused', reason: 'busy', detail: 'another run' }),
      'refused',
    ],
    ['a challenger that was not put forward', evaluated('promote'), 'kept'],
    ['people who said no', advance(evaluated('promote'), ended('rejected')), 'rejected'],
  ])('%s', (_what, state, outcome) => {
    expect(outcomeOf(state)).toEqual({ status: 'completed', outcome });
  });

  test.each([
    [
      'TrainingStuck',
      advance(decided(), { type: 'training_failed', code: 'TrainingStuck', detail: 'silence' }),
    ],
    ['TrainingFailed', advance(decided(), { type: 'training_failed', code: 'what?', detail: 'silence' })],
    [
      'ScoringFailed',
      advance(trained(), { type: 'evaluation_failed', code: 'ScoringFailed', detail: 'broke' }),
    ],
    ['PromotionSuperseded', advance(evaluated('promote'), ended('superseded'))],
  ])('a run that could not do what it had to failed with %s', (code, state) => {
    expect(outcomeOf(state)).toMatchObject({ status: 'failed', failure: { code } });
  });

  test.each(failureCode.options)('a promotion that failed with %s ends it with that code', (code) => {
    const failed: PipelineEvent = { type: 'promotion_failed', version: '2', code, detail: 'It broke.' };
    expect(outcomeOf(advance(evaluated('promote'), failed))).toEqual({
      status: 'failed',
      failure: { code, message: 'It broke.' },
    });
  });

  test('a promotion that failed with a code the catalogue does not know ends it as unforeseen', () => {
    const failed: PipelineEvent = { type: 'promotion_failed', version: '2', code: 'what?', detail: 'why' };
    expect(outcomeOf(advance(evaluated('promote'), failed))).toMatchObject({ failure: { code: 'Internal' } });
  });
});
