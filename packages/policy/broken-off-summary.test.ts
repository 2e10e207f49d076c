import { expect, test } from '@jest/globals';
import { summary } from '@watchtower/contracts';
import { brokenOffSummary } from './broken-off-summary.ts';
import { factsInWords } from './facts-in-words.ts';
import { advance, initialState } from './pipeline-state.ts';
import { quiet } from './testing/evidence.ts';
import { verdictOf } from './verdict.ts';

const begun = initialState({ dry_run: false, verdict: verdictOf(quiet), approval_required: 'always' });

test('a run that is broken off says how it ended and what had happened', () => {
  const trained = advance(begun, { type: 'training_succeeded', version: '4' });
  expect(brokenOffSummary('The run was cancelled.', trained, [2, 3])).toEqual({
    headline: 'The run was cancelled.',
    summary: `The run was cancelled. ${factsInWords(trained)}`,
    cites: [2, 3],
    reasoner: 'policy',
    facts: factsInWords(trained),
  });
});

test('its summary is one that the API can read, however much there is to say of what failed', () => {
  const detail = 'No space left on device. '.repeat(500);
  const failed = advance(begun, { type: 'training_failed', code: 'TrainingFailed', detail });
  const written = brokenOffSummary(`The run failed: ${detail}`, failed, [2]);
  expect(summary.parse(written)).toEqual(written);
});
