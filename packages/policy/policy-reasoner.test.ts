import { describe, expect, test } from '@jest/globals';
import { type Evidence, retrainingProposal, type TranscriptEntry } from '@watchtower/contracts';
import fc from 'fast-check';
import { confidenceOf } from './confidence.ts';
import { policyProposal } from './policy-proposal.ts';
import { mostPolicyTurns, policyReasoner } from './policy-reasoner.ts';
import { arbitraryEvidence } from './testing/arbitrary-run.ts';
import type { World } from './testing/carried-out.ts';
import { declined, drifted, driftedColumn, quiet } from './testing/evidence.ts';
import { reasonerInput } from './testing/reasoner-input.ts';
import { type ModelTurn, type Play, SimulatedRun } from './testing/simulated-run.ts';
import { begin, call, decide, gate, promote, retrain } from './testing/states.ts';
import { verdictOf } from './verdict.ts';

const allWell: World = {
  inspections: 'work',
  training: 'succeeded',
  version: '2',
  evaluation: { outcome: 'promote', gates: [gate('passed')] },
  people: 'approved',
  promotion: 'promoted',
};
const play = (evidence: Evidence, over: Partial<Play> = {}) =>
  new SimulatedRun({
    evidence,
    approval_required: 'always',
    model: [],
    max_turns: 20,
    world: allWell,
    ...over,
  })
    .byModel()
    .byPolicy(mostPolicyTurns);
const asking = (...calls: ReturnType<typeof call>[]): ModelTurn => ({
  blocks: calls.map((each) => ({ type: 'call', call: each })),
  stop: 'calls',
});
const calls = (transcript: readonly TranscriptEntry[], by = 'policy') =>
  transcript.flatMap((entry) =>
    entry.type === 'tool_call' && entry.reasoner === by ? [{ ...entry.call, turn: entry.turn }] : [],
  );
const names = (run: SimulatedRun) => calls(run.transcript).map(({ name }) => name);

describe('policyReasoner', () => {
  test('looks, decides, retrains, evaluates, puts forward and sums up, saying why before each call', () => {
    const { transcript, state, policyTurns } = play(drifted);
    const made = calls(transcript);
    expect(made.map(({ name }) => name)).toEqual([
      'inspect_statistical_drift',
      'inspect_feature_drift',
      'inspect_target_drift',
      'decide_retraining',
      'trigger_retrain',
      'evaluate_model',
      'promote_model',
      'write_summary',
    ]);
    expect(made.map(({ id }) => id)).toEqual(made.map(({ turn }) => `turn_${turn}_1`));
    expect(made[1]?.input).toEqual({ column: 'dep_delay' });
    for (const [index, entry] of transcript.entries()) {
      if (entry.type === 'tool_call') expect(transcript[index - 1]?.type).toBe('reasoning');
    }
    expect(state.summary_written).toBe(true);
    expect(policyTurns).toBe(mostPolicyTurns);
  });

  test('cites only steps that exist, the evidence and the results', () => {
    const { transcript } = play(drifted);
    const results = transcript.flatMap((entry) => (entry.type === 'tool_result' ? [entry.step] : []));
    expect(calls(transcript).at(-1)?.input).toMatchObject({ cites: [2, 3, 4, ...results] });
  });

  test('a dry run inspects, decides and says what would have been done', () => {
    const run = play({ ...drifted, dry_run: true });
    expect(names(run)).toContain('decide_retraining');
    expect(names(run)).not.toContain('trigger_retrain');
    expect(calls(run.transcript).at(-1)?.input).toMatchObject({
      summary: expect.stringContaining('would now be retrained'),
    });
  });

  test('does nothing where nothing moved, and says so in its decision', () => {
    const run = play(quiet);
    expect(names(run)).toEqual(['inspect_statistical_drift', 'decide_retraining', 'write_summary']);
    expect(run.state.decision).toMatchObject({ urgency: 'none', strategy: 'none', overrides: [] });
  });

  test('gives the same turn to the same input, and nothing after the summary', () => {
    const state = begin();
    const input = reasonerInput({ evidence: drifted, state, transcript: [], turn: 1, through_step: 4 });
    expect(policyReasoner(input)).toEqual(policyReasoner(structuredClone(input)));
    const finished = { ...input, state: { ...state, summary_written: true } };
    expect(policyReasoner(finished)).toEqual({ blocks: [], stop: 'end' });
  });
});

describe('taking over', () => {
  test('after a decision: acts by it, also where the verdict does not demand it', () => {
    const wary = { ...quiet, columns: [driftedColumn('dep_delay', 0.15)] };
    const run = play(wary, { model: [asking(call('inspect_statistical_drift')), asking(decide())] });
    expect(run.state.verdict.retrain).toBe(false);
    expect(names(run)).toEqual([
      'inspect_feature_drift',
      'trigger_retrain',
      'evaluate_model',
      'promote_model',
      'write_summary',
    ]);
  });

  test('after the training: does not train again', () => {
    const run = play(drifted, { model: [asking(decide(), retrain)] });
    expect(names(run).slice(-3)).toEqual(['evaluate_model', 'promote_model', 'write_summary']);
    expect(run.deeds.filter(({ did }) => did === 'train')).toHaveLength(1);
  });

  test('after refused calls of the other: they do not count as tried', () => {
    const run = play(drifted, { model: [asking(retrain, promote('2'))] });
    expect(names(run)).toContain('trigger_retrain');
    expect(names(run)).toContain('promote_model');
  });

  test('asks for an inspection that failed once, and goes on', () => {
    const run = play(drifted, { world: { ...allWell, inspections: 'fail' } });
    expect(run.state.summary_written).toBe(true);
    expect(new Set(names(run)).size).toBe(names(run).length);
  });
});

describe('what the policy reasoner proposes', () => {
  const proposalOf = (evidence: Evidence) =>
    policyProposal(evidence, { verdict: verdictOf(evidence), approval_required: 'always' });

  test('names the cause, a plan and what the comparison has to show', () => {
    const { root_cause, rationale, plan, ...rest } = proposalOf({ ...drifted, performance: declined(0.06) });
    expect(rest).toEqual({ urgency: 'immediate', confidence: 95, strategy: 'full_retrain' });
    expect(root_cause).toContain('dep_delay moved most (PSI 1.30)');
    expect(root_cause).toContain('worse by 6.0 %');
    expect(rationale).toContain('learn anew from newer rows');
    expect(plan.features_to_review).toEqual(['temperature', 'dep_delay']);
    expect(plan.dataset).toContain('2013-04-01');
    expect(plan.evaluation_requirements).toContainEqual(expect.stringContaining('0.7500'));
    expect(plan.promotion_criteria).toEqual(['No check of the evaluation failed.', 'People approve of it.']);
  });

  test.each([
    ['nothing', quiet, 'nothing to explain'],
    ['the target alone', { ...quiet, target: drifted.target }, 'look for a cause outside these data'],
    ['the performance alone', { ...quiet, performance: declined(0.1) }, 'how the two belong together'],
    ['inputs and target', drifted, 'another situation'],
  ])('explains a change of %s', (_what, evidence, cause) => {
    expect(proposalOf(evidence).root_cause).toContain(cause);
  });

  test.each([
    ['many rows and signs that agree', drifted, 85],
    ['a performance measured as well', { ...drifted, performance: declined(0.2) }, 95],
    [
      'signs that contradict each other',
      { ...drifted, target: null, dataset: { ...drifted.dataset, drift_detected: false } },
      60,
    ],
    ['few rows', { ...drifted, dataset: { ...drifted.dataset, rows_current: 199 } }, 65],
    ['some rows', { ...drifted, dataset: { ...drifted.dataset, rows_current: 200 } }, 75],
  ])('its confidence with %s', (_what, evidence, confidence) => {
    expect(confidenceOf(evidence)).toBe(confidence);
  });

  test('is always a valid proposal that the rules need not change', () => {
    const hostile = fc.string({ maxLength: 5000 });
    fc.assert(
      fc.property(arbitraryEvidence, hostile, (evidence, text) => {
        const columns = evidence.columns.map((column) => ({ ...column, name: text, reason: text }));
        const made = proposalOf({ ...evidence, columns });
        expect(retrainingProposal.parse(made)).toEqual(made);
        expect(made.urgency).toBe(verdictOf(evidence).urgency);
        expect(made.confidence).toBeGreaterThanOrEqual(40);
        expect(made.confidence).toBeLessThanOrEqual(95);
      }),
    );
  });
});
