import { describe, expect, test } from '@jest/globals';
import { failureCode, type PipelineState } from '@watchtower/contracts';
import { outcomeOf } from './outcome.ts';
import { advance, initialState, type PipelineEvent } from './pipeline-state.ts';

const start: PipelineState = initialState({
  dry_run: false,
  verdict: { urgency: 'soon', health: 'at_risk', retrain: true, reasons: [] },
  approval_required: 'always',
});
const trained: PipelineEvent = { type: 'training_succeeded', version: '2' };
const after = (...events: readonly PipelineEvent[]) => outcomeOf(events.reduce(advance, start));

describe('how a run ends', () => {
  test.each(failureCode.options)('a promotion that failed with %s ends it with that code', (code) => {
    const failed: PipelineEvent = { type: 'promotion_failed', version: '2', code, detail: 'It broke.' };
    expect(after(trained, failed)).toEqual({ status: 'failed', failure: { code, message: 'It broke.' } });
  });

  test.each([
    [{ type: 'training_failed', code: 'NoSuchCode', detail: 'why' }, 'TrainingFailed'],
    [{ type: 'evaluation_failed', code: 'NoSuchCode', detail: 'why' }, 'EvaluationFailed'],
    [{ type: 'promotion_failed', version: '2', code: 'NoSuchCode', detail: 'why' }, 'Internal'],
  ] as const)('a code that the catalogue does not know ends it as unforeseen: %j', (event, code) => {
    const before = event.type === 'training_failed' ? [] : [trained];
    expect(after(...before, event)).toEqual({ status: 'failed', failure: { code, message: 'why' } });
  });

  test('somebody else having moved the champion is a failure, what people decided is none', () => {
    const ended = (status: 'superseded' | 'rejected' | 'void' | 'promoted') =>
      after(trained, { type: 'promotion_ended', status, version: '2', detail: 'why' });
    expect(ended('superseded')).toMatchObject({ failure: { code: 'PromotionSuperseded', message: 'why' } });
    for (const outcome of ['rejected', 'void', 'promoted'] as const) {
      expect(ended(outcome)).toEqual({ status: 'completed', outcome });
    }
  });
});
