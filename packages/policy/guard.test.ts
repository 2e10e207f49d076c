import { describe, expect, test } from '@jest/globals';
import type { Gate, PipelineState, ToolCall, Verdict } from '@watchtower/contracts';
import fc from 'fast-check';
import { approvalNeeded } from './approval.ts';
import { allowedTools, guard } from './guard.ts';
import { outcomeOf } from './outcome.ts';
import { advance, initialState, type PipelineEvent } from './pipeline-state.ts';

const verdict: Verdict = { urgency: 'soon', health: 'at_risk', retrain: true, reasons: [] };
const begin = (over: Partial<PipelineState> = {}): PipelineState => ({
  ...initialState({ dry_run: false, verdict, approval_required: 'always' }),
  ...over,
});
const gate = (status: Gate['status']): Gate => ({
  name: 'improvement',
  metric: 'roc_auc',
  status,
  value: 0.1,
  threshold: 0.005,
  reason: 'it is better',
});
const call = (name: string, input: ToolCall['input'] = {}): ToolCall => ({ id: 'call-1', name, input });
const retrain = call('trigger_retrain', { reason: 'the data changed' });
const evaluate = (version: string) => call('evaluate_model', { version });
const promote = (version: string) => call('promote_model', { version, reason: 'it is better' });
const summary = call('write_summary', { headline: 'Done', summary: 'All of it.', cites: [1] });
const codeOf = (state: PipelineState, asked: ToolCall) => {
  const answer = guard(state, asked);
  return answer.allowed ? 'allowed' : answer.code;
};
const trained = advance(begin(), { type: 'training_succeeded', version: '2' });
const evaluated = (outcome: 'promote' | 'keep' | 'inconclusive', state = trained) =>
  advance(state, {
    type: 'evaluated',
    version: '2',
    outcome,
    gates: [gate(outcome === 'promote' ? 'passed' : outcome === 'keep' ? 'failed' : 'inconclusive')],
    improvement: null,
  });

describe('guard', () => {
  test.each([
    ['a tool that does not exist', begin(), call('drop_database'), 'unknown_tool'],
    ['an input of the wrong form', begin(), call('trigger_retrain', { seed: -1 }), 'invalid_input'],
    ['an act in a dry run', begin({ dry_run: true }), retrain, 'dry_run'],
    ['a second training', trained, retrain, 'already_trained'],
    ['an evaluation before a training', begin(), evaluate('1'), 'not_trained'],
    ['an evaluation of another version', trained, evaluate('1'), 'other_version'],
    ['a second evaluation', evaluated('promote'), evaluate('2'), 'already_evaluated'],
    ['a promotion before the evaluation', trained, promote('2'), 'not_evaluated'],
    ['a promotion of another version', evaluated('promote'), promote('1'), 'other_version'],
    ['a promotion after a failed gate', evaluated('keep'), promote('2'), 'gate_failed'],
    ['a summary before a demanded retraining', begin(), summary, 'retraining_not_tried'],
    ['a summary before the evaluation', trained, summary, 'not_evaluated'],
    [
      'anything after the summary',
      begin({ summary_written: true }),
      call('inspect_target_drift'),
      'run_finished',
    ],
  ])('refuses %s', (_what, state, asked, code) => {
    expect(codeOf(state, asked)).toBe(code);
  });

  test('names the field of a wrong input', () => {
    const answer = guard(begin(), call('trigger_retrain', { reason: 'x', seed: -1 }));
    expect(answer).toMatchObject({ allowed: false, reason: expect.stringContaining('input.seed') });
  });

  test('an inconclusive evaluation goes to people, or nowhere where nobody is asked', () => {
    const open = evaluated('inconclusive');
    for (const approval_required of ['always', 'when_inconclusive'] as const) {
      const state = { ...open, approval_required };
      expect(codeOf(state, promote('2'))).toBe('allowed');
      expect(approvalNeeded(state, { outcome: 'inconclusive' })).toBe(true);
    }
    expect(codeOf({ ...open, approval_required: 'never' }, promote('2'))).toBe('inconclusive_without_people');
  });

  test('a reasoner may be stricter: it need not put a better challenger forward', () => {
    expect(codeOf(evaluated('promote'), summary)).toBe('allowed');
  });

  test('a dry run may be summed up although a retraining is demanded', () => {
    expect(codeOf(begin({ dry_run: true }), summary)).toBe('allowed');
  });
});

const versions = fc.constantFrom('1', '2', '3');
const calls: fc.Arbitrary<ToolCall> = fc.oneof(
  fc.constantFrom(
    retrain,
    summary,
    call('inspect_statistical_drift'),
    call('inspect_target_drift'),
    call('inspect_feature_drift', { column: 'x1' }),
  ),
  versions.map(evaluate),
  versions.map(promote),
  fc.record({ id: fc.string(), name: fc.string(), input: fc.constant({}) }),
);
const promotionEnds = ['promoted', 'rejected', 'expired', 'void', 'superseded', 'failed'] as const;
const worlds = fc.record({
  training: fc.constantFrom('succeeded', 'failed', 'refused'),
  version: versions,
  evaluation: fc.constantFrom('promote', 'keep', 'inconclusive', 'failed'),
  promotion: fc.constantFrom(...promotionEnds),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** What a world makes of an allowed call. */
function eventOf(name: string, version: string, world: World): PipelineEvent | null {
  switch (name) {
    case 'trigger_retrain':
      if (world.training === 'succeeded') return { type: 'training_succeeded', version: world.version };
      return world.training === 'failed'
        ? { type: 'training_failed', code: 'TrainingFailed', detail: 'it broke' }
        : { type: 'training_refused', reason: 'busy', detail: 'another run trains' };
    case 'evaluate_model':
      if (world.evaluation === 'failed') {
        return { type: 'evaluation_failed', code: 'ScoringFailed', detail: 'it broke' };
      }
      return {
        type: 'evaluated',
        version,
        outcome: world.evaluation as 'promote' | 'keep' | 'inconclusive',
        gates: [
          gate(
            world.evaluation === 'promote'
              ? 'passed'
              : world.evaluation === 'keep'
                ? 'failed'
                : 'inconclusive',
          ),
        ],
        improvement: null,
      };
    case 'promote_model':
      return world.promotion === 'failed'
        ? { type: 'promotion_failed', version, code: 'MlflowRejected', detail: 'it broke' }
        : { type: 'promotion_ended', status: world.promotion, version, detail: '' };
    case 'write_summary':
      return { type: 'summary_written' };
    default:
      return null;
  }
}

describe('whatever a reasoner asks for', () => {
  const settings = fc.record({
    dry_run: fc.boolean(),
    retrain: fc.boolean(),
    approval_required: fc.constantFrom('always' as const, 'when_inconclusive' as const, 'never' as const),
  });

  test('one training, one evaluation, one promotion of that evaluated version, and the summary last', () => {
    fc.assert(
      fc.property(settings, worlds, fc.array(calls, { maxLength: 30 }), (setting, world, asked) => {
        let state = initialState({
          dry_run: setting.dry_run,
          verdict: { ...verdict, retrain: setting.retrain },
          approval_required: setting.approval_required,
        });
        const done: { name: string; version: string | null }[] = [];
        for (const each of asked) {
          const offered = allowedTools(state);
          const answer = guard(state, each);
          if (!answer.allowed) continue;
          expect(offered).toContain(answer.call.name);
          const version =
            answer.call.name === 'evaluate_model' || answer.call.name === 'promote_model'
              ? answer.call.input.version
              : null;
          done.push({ name: answer.call.name, version });
          const event = eventOf(answer.call.name, version ?? '', world);
          if (event !== null) state = advance(state, event);
        }
        const only = (name: string) => done.filter((each) => each.name === name);
        for (const name of ['trigger_retrain', 'evaluate_model', 'promote_model', 'write_summary']) {
          expect(only(name).length).toBeLessThanOrEqual(1);
        }
        const acted = done.filter(({ name }) => !name.startsWith('inspect_') && name !== 'write_summary');
        if (setting.dry_run) expect(acted).toEqual([]);
        if (only('promote_model').length > 0) {
          expect(done.map(({ name }) => name)).toContain('evaluate_model');
          expect(only('promote_model')[0]?.version).toBe(world.version);
          expect(world.training).toBe('succeeded');
          expect(['promote', 'inconclusive']).toContain(world.evaluation);
          if (setting.approval_required === 'never') expect(world.evaluation).toBe('promote');
        }
        if (only('write_summary').length > 0) expect(done.at(-1)?.name).toBe('write_summary');
        const end = outcomeOf(state);
        expect(end.status === 'completed' && end.outcome === 'promoted').toBe(
          only('promote_model').length === 1 && world.promotion === 'promoted',
        );
      }),
      { numRuns: 500 },
    );
  });
});
