import { describe, expect, test } from '@jest/globals';
import { factsInWords } from './facts-in-words.ts';
import { advance } from './pipeline-state.ts';
import { quiet } from './testing/evidence.ts';
import { begin, decided, evaluated, trained } from './testing/states.ts';
import { verdictOf } from './verdict.ts';

describe('factsInWords', () => {
  test('tells a run to its promotion', () => {
    const state = advance(evaluated('promote'), {
      type: 'promotion_ended',
      status: 'promoted',
      version: '2',
      detail: '',
    });
    expect(factsInWords(state)).toBe(
      'The rules call this urgency "immediate" and demand a retraining.' +
        ' Decided: urgency "immediate", a retraining (full retrain), with a confidence of 80 %.' +
        ' The model was retrained; the new version is 2.' +
        ' Version 2 passed every check on rows that no model has seen.' +
        ' Version 2 is the champion now.',
    );
  });

  test('tells what the rules changed in the decision', () => {
    const state = decided(begin(), { urgency: 'none', strategy: 'none' });
    expect(factsInWords(state)).toContain('changed the proposed urgency "none" to "immediate"');
    expect(factsInWords(state)).toContain('changed the proposed strategy "none" to "full_retrain"');
    expect(factsInWords(state)).toContain('A retraining was called for, but none was carried out.');
  });

  test('tells that a challenger was not put forward', () => {
    expect(factsInWords(evaluated('promote', trained()))).toContain('The champion stays as it is.');
  });

  test.each([
    ['always', 'if no check failed, people would be asked whether to promote it.'],
    ['when_inconclusive', 'if a check stayed open, people would be asked.'],
    ['never', 'if every check passed, it would be promoted.'],
  ] as const)('tells what a dry run would have done where approval is asked %s', (required, would) => {
    const facts = factsInWords(decided(begin({ dry_run: true, approval_required: required })));
    expect(facts).toContain('This was a dry run, so nothing was changed. Otherwise the model would now be');
    expect(facts).toContain(would);
  });

  test('a dry run in which nothing moved would have done nothing, whatever was decided', () => {
    const dry = begin({ dry_run: true, verdict: verdictOf(quiet) });
    for (const state of [dry, decided(dry)]) {
      expect(factsInWords(state)).toContain('Otherwise nothing would have been done either.');
    }
  });
});
