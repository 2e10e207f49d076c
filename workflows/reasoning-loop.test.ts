import { describe, expect, test } from '@jest/globals';
import type { ReasonerSettings } from '@watchtower/contracts';
import { exampleRequest } from '../tests/scripted-providers/index.ts';
import { type Reasoned, ReasoningLoop } from './reasoning-loop.ts';
import { MemoryRun, type Spoken, turn } from './stand-ins/memory-run.ts';

const look = ['inspect_feature_drift', { column: 'distance' }] as const;
const decide = [
  'decide_retraining',
  {
    urgency: 'immediate',
    confidence: 90,
    root_cause: 'Delays are longer than they were.',
    rationale: 'The flights are not those the model knows.',
    strategy: 'full_retrain',
  },
] as const;
const retrain = ['trigger_retrain', { reason: 'it moved' }] as const;
const sumUp = [
  'write_summary',
  { headline: 'It moved', summary: 'It moved, and I looked.', cites: [2] },
] as const;
const broken = ['inspect_feature_drift', { colum: 'distance' }] as const;

async function play(script: readonly Spoken[], reasoner: Partial<ReasonerSettings> = {}) {
  const run = new MemoryRun(exampleRequest({ reasoner }), script);
  const loop = new ReasoningLoop(run, run.begin);
  const reasoned: Reasoned = await loop.run();
  return { run, loop, reasoned, replaced: run.steps.find(({ name }) => name === 'reasoner_replaced') };
}

describe('a reasoner that comes to its summary', () => {
  test('explains before it calls, is answered, and is never replaced', async () => {
    const { run, reasoned } = await play([
      turn('calls', 'I look.', look),
      turn('calls', 'I decide.', decide, retrain),
      turn('calls', 'I sum up.', sumUp, 'Goodbye.'),
    ]);
    expect(run.written).toEqual([
      'reasoning anthropic',
      'tool_call inspect_feature_drift',
      'tool_result inspect_feature_drift',
      'reasoning anthropic',
      'tool_call decide_retraining',
      'evidence retraining_decided',
      'tool_result decide_retraining',
      'tool_call trigger_retrain',
      'tool_result trigger_retrain',
    ]);
    // These go with the summary, in one transaction.
    expect(reasoned.unwritten.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'reasoning anthropic',
      'tool_call write_summary',
      'reasoning anthropic',
    ]);
    expect(reasoned.summary).toMatchObject({ reasoner: 'anthropic', headline: 'It moved', cites: [2] });
    expect(reasoned.state).toMatchObject({ summary_written: true, training: { status: 'refused' } });
  });

  test('is asked with what has been said, done and spent so far', async () => {
    const { run } = await play([turn('calls', look), turn('calls', decide, retrain), turn('calls', sumUp)]);
    const asked = run.requests.map(({ turn: number, after_step, through_step, spent, allowed_tools }) => ({
      number,
      after_step,
      through_step,
      tokens: spent.tokens.output,
      retrain: allowed_tools.includes('trigger_retrain'),
      sum_up: allowed_tools.includes('write_summary'),
    }));
    expect(asked).toEqual([
      { number: 1, after_step: 3, through_step: 3, tokens: 0, retrain: false, sum_up: false },
      { number: 2, after_step: 3, through_step: 5, tokens: 100, retrain: false, sum_up: false },
      { number: 3, after_step: 3, through_step: 10, tokens: 200, retrain: false, sum_up: true },
    ]);
    expect(run.requests[0]?.state.inspected).toEqual([]);
    expect(run.requests[1]?.state.inspected).toEqual(['inspect_feature_drift']);
  });

  test('is counted once a turn, however many steps the turn has', async () => {
    const { run, reasoned } = await play([
      turn('calls', 'I look twice.', look, look),
      turn('calls', decide, retrain),
      turn('calls', sumUp),
    ]);
    expect(reasoned.reasoning).toMatchObject({ turns: 3, tokens: { output: 300 } });
    expect(run.changes.map(({ reasoning }) => reasoning?.turns)).toEqual([1, 1, 2, 2]);
  });

  test('is answered in place of what the guard refuses, and goes on', async () => {
    const { run, reasoned } = await play([
      turn('calls', sumUp),
      turn('calls', decide, retrain, retrain),
      turn('calls', sumUp, look),
      turn('calls', sumUp),
    ]);
    const errors = run.steps.flatMap(({ payload }) =>
      payload?.is_error === true ? [(payload.result as { error: string }).error] : [],
    );
    expect(errors).toEqual(['not_decided', 'already_trained', 'calls_follow']);
    expect(run.done).toEqual(['decide_retraining', 'trigger_retrain', 'inspect_feature_drift']);
    expect(reasoned.summary.reasoner).toBe('anthropic');
  });
});

describe('a reasoner that is not understood', () => {
  test('is told by field what was wrong, and goes on', async () => {
    const { run, replaced } = await play([
      turn('calls', broken),
      turn('calls', look),
      // The one before was understood, so that this is a first one again.
      turn('calls', broken),
      turn('calls', decide, retrain),
      turn('calls', sumUp),
    ]);
    const corrected = run.steps.filter(({ name }) => name === 'reasoner_corrected');
    expect(corrected.map(({ message }) => message)).toEqual([
      expect.stringContaining('colum'),
      expect.stringContaining('colum'),
    ]);
    expect(replaced).toBeUndefined();
  });

  test.each<[string, Spoken]>([
    ['malformed', turn('calls', broken)],
    ['malformed', turn('length', look)],
    ['stopped', turn('end', 'That is all.')],
  ])('twice in a row is replaced: %s', async (cause, bad) => {
    const { run, reasoned, replaced } = await play([bad, bad, turn('calls', look)]);
    expect(replaced?.payload).toMatchObject({ cause, reasoner: 'anthropic', turns: 2, turn: { number: 2 } });
    expect(reasoned.summary.reasoner).toBe('policy');
    expect(run.requests.map(({ reasoner }) => reasoner.name).slice(0, 3)).toEqual([
      'anthropic',
      'anthropic',
      'policy',
    ]);
  });
});

describe('a reasoner that is replaced', () => {
  test('by its provider’s refusal does nothing of what it asked for', async () => {
    const { run, replaced, reasoned } = await play([turn('refusal', 'I will not.', look)]);
    expect(replaced?.payload).toMatchObject({ cause: 'refused' });
    expect(run.written.slice(0, 2)).toEqual(['reasoning anthropic', 'status reasoner_replaced']);
    expect(reasoned.summary.reasoner).toBe('policy');
  });

  test('after a failure says the code, and costs nothing for it', async () => {
    const detail = 'No credit.';
    const { run, replaced, reasoned } = await play([
      turn('calls', look),
      { cause: 'failed', code: 'ReasonerRejected', detail },
    ]);
    expect(replaced).toMatchObject({ message: expect.stringContaining(detail) });
    expect(replaced?.payload).toMatchObject({ cause: 'failed', code: 'ReasonerRejected', turns: 1 });
    expect(reasoned.reasoning.tokens.output).toBe(100);
    // What was looked at stays looked at.
    expect(run.done.filter((name) => name === 'inspect_feature_drift')).toHaveLength(1);
  });

  test('at the end of its turns is followed by one that has enough of its own', async () => {
    const { run, replaced, reasoned } = await play([turn('calls', look), turn('calls', look)], {
      max_turns: 2,
    });
    expect(replaced?.payload).toMatchObject({ cause: 'turns_spent', turns: 2 });
    expect(run.requests.length).toBeGreaterThan(4);
    expect(reasoned).toMatchObject({ summary: { reasoner: 'policy' }, state: { summary_written: true } });
  });

  test('leaves its turns to nobody: the numbers go on', async () => {
    const { run } = await play([turn('refusal')]);
    expect(run.requests.map((request) => request.turn)).toEqual(run.requests.map((_, index) => index + 1));
  });
});

test('a loop that is broken off knows what had happened', async () => {
  const run = new MemoryRun(exampleRequest(), [turn('calls', look), turn('calls', decide, retrain)]);
  const carryOut: MemoryRun['carryOut'] = (state, call) => {
    if (call.name === 'trigger_retrain') throw new Error('The run is cancelled.');
    return run.carryOut(state, call);
  };
  const { run_id, reasoner, gathered, pen, ask } = run;
  const loop = new ReasoningLoop({ run_id, reasoner, gathered, pen, ask, carryOut }, run.begin);
  await expect(loop.run()).rejects.toThrow('The run is cancelled.');
  expect(loop.state).toMatchObject({
    inspected: ['inspect_feature_drift'],
    decision: { urgency: 'immediate' },
    training: { status: 'none' },
  });
  expect(loop.evidence_steps).toEqual([2, 3]);
});
