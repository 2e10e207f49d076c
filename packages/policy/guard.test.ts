import { describe, expect, test } from '@jest/globals';
import type { PipelineState, ToolCall } from '@watchtower/contracts';
import { approvalNeeded } from './approval.ts';
import { allowedTools, guard } from './guard.ts';
import { drifted, quiet } from './testing/evidence.ts';
import {
  begin,
  call,
  decide,
  decided,
  evaluate,
  evaluated,
  gate,
  promote,
  retrain,
  summary,
  trained,
} from './testing/states.ts';
import { verdictOf } from './verdict.ts';

const position = { last_step: 9 };
const codeOf = (state: PipelineState, asked: ToolCall) => {
  const answer = guard(state, asked, position);
  return answer.allowed ? 'allowed' : answer.code;
};
const reasonOf = (state: PipelineState, asked: ToolCall) => {
  const answer = guard(state, asked, position);
  return answer.allowed ? 'allowed' : answer.reason;
};
const uneasy = begin({ verdict: { ...verdictOf(drifted), retrain: false, reasons: [] } });
const contradictory: PipelineState['evaluation'] = {
  status: 'done',
  version: '2',
  outcome: 'promote',
  gates: [gate('passed'), gate('failed')],
  improvement: null,
};

describe('guard', () => {
  test.each([
    ['a tool that does not exist', begin(), call('drop_database'), 'unknown_tool'],
    ['an input of the wrong form', begin(), call('trigger_retrain', { seed: -1 }), 'invalid_input'],
    ['an input that could not be read', begin(), { ...retrain, problem: 'no JSON' }, 'invalid_input'],
    ['a decision without its rationale', begin(), call('decide_retraining', {}), 'invalid_input'],
    ['a second decision', decided(), decide(), 'already_decided'],
    ['a training before the decision', begin(), retrain, 'not_decided'],
    ['a summary before the decision', begin(), summary(1), 'not_decided'],
    ['a summary of a dry run before the decision', begin({ dry_run: true }), summary(1), 'not_decided'],
    ['an act in a dry run', decided(begin({ dry_run: true })), retrain, 'dry_run'],
    [
      'a training where nothing moved',
      decided(begin({ verdict: verdictOf(quiet) })),
      retrain,
      'retraining_not_warranted',
    ],
    [
      'a training against a decision not to',
      decided(uneasy, { strategy: 'none' }),
      retrain,
      'retraining_not_warranted',
    ],
    ['a second training', trained(), retrain, 'already_trained'],
    ['an evaluation before a training', decided(), evaluate('1'), 'not_trained'],
    ['an evaluation of another version', trained(), evaluate('1'), 'other_version'],
    ['a second evaluation', evaluated('promote'), evaluate('2'), 'already_evaluated'],
    ['a promotion before the evaluation', trained(), promote('2'), 'not_evaluated'],
    ['a promotion of another version', evaluated('promote'), promote('1'), 'other_version'],
    [
      'a promotion of a version that the evaluation does not speak of',
      { ...evaluated('promote'), training: { status: 'succeeded' as const, version: '3' } },
      promote('3'),
      'not_evaluated',
    ],
    [
      'a promotion that one gate speaks against, whatever the outcome',
      { ...evaluated('promote'), evaluation: contradictory },
      promote('2'),
      'gate_failed',
    ],
    ['a promotion after a failed gate', evaluated('keep'), promote('2'), 'gate_failed'],
    ['a summary before a demanded retraining', decided(), summary(1), 'retraining_not_tried'],
    ['a summary before the evaluation', trained(), summary(1), 'not_evaluated'],
    ['a summary that cites no step', evaluated('promote'), summary(), 'invalid_input'],
    ['a summary that cites a step to come', evaluated('promote'), summary(9, 10), 'invalid_input'],
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
    expect(reasonOf(begin(), call('trigger_retrain', { reason: 'x', seed: -1 }))).toContain('seed');
    expect(reasonOf(begin(), call('decide_retraining', { plan: { training: { seed: -1 } } }))).toContain(
      'input.plan.training.seed',
    );
    expect(reasonOf(evaluated('promote'), summary(9, 10))).toContain('cites.1');
  });

  test('says why an input could not be read, and keeps the reason short however wrong an input is', () => {
    expect(reasonOf(begin(), { ...retrain, problem: 'It ends within a string' })).toBe(
      'The input of trigger_retrain could not be read: It ends within a string.',
    );
    const wrong = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field_${index}`, index]));
    expect(reasonOf(begin(), call('trigger_retrain', wrong)).length).toBeLessThanOrEqual(2000);
  });

  test('the summary waits for the other calls of its turn', () => {
    const answer = guard(evaluated('promote'), summary(9), { last_step: 9, calls_after: 1 });
    expect(answer).toMatchObject({ allowed: false, code: 'calls_follow' });
    expect(codeOf(evaluated('promote'), summary(9))).toBe('allowed');
  });

  test('a reasoner may be stricter: it may retrain earlier, and need not put a better challenger forward', () => {
    expect(codeOf(decided(uneasy), retrain)).toBe('allowed');
    expect(codeOf(evaluated('promote'), summary(1))).toBe('allowed');
  });

  test('a dry run is decided and summed up although a retraining is demanded', () => {
    const dry = begin({ dry_run: true });
    expect(codeOf(dry, decide())).toBe('allowed');
    expect(allowedTools(dry)).not.toContain('write_summary');
    expect(codeOf(decided(dry), summary(1))).toBe('allowed');
  });

  test('hands on what was left out of an input as its default', () => {
    expect(guard(evaluated('promote'), promote('2'), position)).toMatchObject({
      call: { input: { ask_people: false } },
    });
  });
});

describe('approvalNeeded', () => {
  const passed = { outcome: 'promote', gates: [gate('passed')] } as const;
  const settings = ['always', 'when_inconclusive', 'never'] as const;

  test('an inconclusive evaluation goes to people, or nowhere where nobody is asked', () => {
    const open = evaluated('inconclusive');
    for (const approval_required of ['always', 'when_inconclusive'] as const) {
      const state = { ...open, approval_required };
      expect(codeOf(state, promote('2'))).toBe('allowed');
      expect(approvalNeeded(state, { outcome: 'inconclusive', gates: [] }, false)).toBe(true);
    }
    const never = { ...open, approval_required: 'never' as const };
    expect(codeOf(never, promote('2'))).toBe('inconclusive_without_people');
    expect(codeOf(never, promote('2', { ask_people: true }))).toBe('inconclusive_without_people');
  });

  test.each(settings)(
    'people are asked where the reasoner wants them, whatever is required (%s)',
    (required) => {
      const state = { ...evaluated('promote'), approval_required: required };
      expect(codeOf(state, promote('2', { ask_people: true }))).toBe('allowed');
      expect(approvalNeeded(state, passed, true)).toBe(true);
      expect(approvalNeeded(state, passed, false)).toBe(required === 'always');
    },
  );

  test('a gate left open needs people, whatever the outcome says', () => {
    const open = { outcome: 'promote', gates: [gate('inconclusive')] } as const;
    expect(approvalNeeded({ approval_required: 'when_inconclusive' }, open, false)).toBe(true);
  });
});

test('of one turn the ninth call is refused, whatever it is', () => {
  const ninth = (asked: ToolCall, calls_before: number) =>
    guard(begin(), asked, { ...position, calls_before });
  expect(ninth(call('inspect_target_drift'), 7)).toMatchObject({ allowed: true });
  for (const asked of [call('inspect_target_drift'), call('drop_database'), summary(1)]) {
    expect(ninth(asked, 8)).toMatchObject({
      allowed: false,
      code: 'too_many_calls',
      reason: expect.stringContaining('8 calls'),
    });
  }
});
