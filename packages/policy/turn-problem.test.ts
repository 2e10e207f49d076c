import { describe, expect, test } from '@jest/globals';
import type { ReasonerTurn, ToolCall } from '@watchtower/contracts';
import { guard } from './guard.ts';
import { replacementOnFailure, replacementOnTurn } from './replacement.ts';
import { begin, call, retrain } from './testing/states.ts';
import { turnProblem } from './turn-problem.ts';

type Turn = Pick<ReasonerTurn, 'blocks' | 'stop'>;
const asking = (stop: Turn['stop'], ...calls: ToolCall[]): Turn => ({
  blocks: [
    { type: 'text', text: 'I think.' },
    ...calls.map((each) => ({ type: 'call' as const, call: each })),
  ],
  stop,
});
const problemOf = (turn: Turn) => {
  const refusals = turn.blocks.flatMap((block) => {
    if (block.type === 'text') return [];
    const answer = guard(begin(), block.call, { last_step: 4 });
    return answer.allowed ? [] : [answer];
  });
  return turnProblem(turn, refusals);
};

describe('turnProblem', () => {
  test.each([
    ['an allowed call', asking('calls', call('inspect_target_drift'))],
    ['a call that is refused for another reason', asking('calls', retrain)],
    ['a tool that does not exist', asking('calls', call('drop_database'))],
    ["the provider's refusal", asking('refusal')],
  ])('has nothing against the form of %s', (_what, turn) => {
    expect(problemOf(turn)).toBeNull();
  });

  test('names the field of each wrong input, and no refusal of another kind', () => {
    const unread = { ...retrain, problem: 'it is no JSON' };
    const problem = problemOf(asking('calls', retrain, call('evaluate_model', { version: 3 }), unread));
    expect(problem?.cause).toBe('malformed');
    expect(problem?.correction).toMatch(/evaluate_model is not valid: input\.version: .*it is no JSON/);
    expect(problem?.correction).not.toContain('Nothing is decided yet');
  });

  test('tells a turn that was cut off', () => {
    const problem = problemOf(asking('length', { ...retrain, problem: 'it ends within a string' }));
    expect(problem).toMatchObject({
      cause: 'malformed',
      correction: expect.stringMatching(/cut off.*it ends within a string.*Answer more briefly/),
    });
    expect(problemOf(asking('length', call('inspect_target_drift')))).not.toBeNull();
  });

  test('tells a turn without call or summary', () => {
    const expected = { cause: 'stopped', correction: expect.stringContaining('write_summary ends the run') };
    expect(problemOf(asking('end'))).toMatchObject(expected);
    expect(problemOf({ blocks: [], stop: 'calls' })).toMatchObject(expected);
  });

  test('stays short however wrong a turn is', () => {
    const wrong = Array.from({ length: 60 }, (_, index) =>
      call('evaluate_model', { [`x${index}`.repeat(40)]: 1 }),
    );
    expect(problemOf(asking('calls', ...wrong))?.correction.length).toBeLessThanOrEqual(4000);
  });
});

describe('a reasoner is replaced', () => {
  const stopped = problemOf(asking('end'));
  const malformed = problemOf(asking('calls', call('evaluate_model', {})));

  test('at the second malformed turn in a row, not at the first', () => {
    expect(replacementOnTurn({ stop: 'calls' }, malformed, false)).toBeNull();
    expect(replacementOnTurn({ stop: 'calls' }, malformed, true)).toBe('malformed');
    expect(replacementOnTurn({ stop: 'end' }, stopped, true)).toBe('stopped');
    expect(replacementOnTurn({ stop: 'calls' }, null, true)).toBeNull();
  });

  test("at the provider's refusal, at once", () => {
    expect(replacementOnTurn({ stop: 'refusal' }, null, false)).toBe('refused');
  });

  test.each([
    ['ReasonerTokensSpent', 'tokens_spent'],
    ['ReasonerCostSpent', 'cost_spent'],
    ['ReasonerRejected', 'failed'],
    ['ReasonerUnavailable', 'failed'],
  ])('when reasoning failed with %s: %s', (code, cause) => {
    expect(replacementOnFailure(code)).toBe(cause);
  });
});
