import { describe, expect, test } from '@jest/globals';
import {
  type Evidence,
  evidence as evidenceSchema,
  type PipelineState,
  type ReasonRequest,
  type TranscriptEntry,
} from '@watchtower/contracts';
import fc from 'fast-check';
import { allowedTools, guard } from './guard.ts';
import { advance, initialState, type PipelineEvent } from './pipeline-state.ts';
import { policyReasoner } from './policy-reasoner.ts';
import { verdictOf } from './verdict.ts';

const evidence: Evidence = evidenceSchema.parse({
  run_id: '018f3c1e-0000-7000-8000-000000000001',
  model: 'flights',
  task: 'binary_classification',
  dry_run: false,
  reference_window: { from: '2013-01-01T00:00:00.000Z', to: '2013-04-01T00:00:00.000Z' },
  current_window: { from: '2013-04-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' },
  champion: null,
  cooling_down_until: null,
  dataset: {
    rows_reference: 80_000,
    rows_current: 110_000,
    columns: 12,
    features_drifted: 2,
    drifted_share: 0.5,
    drift_detected: true,
    score: 0.4,
    health: 'at_risk',
  },
  columns: ['temperature', 'dep_delay'].map((name, index) => ({
    name,
    type: 'numeric',
    status: 'drifted',
    severity: 'high',
    reason: 'its values are higher than before',
    psi: 0.3 + index,
    effect: null,
  })),
  target: { name: 'late', drifted: true, kl: 0.1, mean_shift: null, reason: 'it happens more often' },
  worst_severity: 'high',
  max_psi: 1.3,
  retrain_rule: 'dataset_drift',
});

/** Plays a run: `happens` says what comes of each allowed call, null an error without any event. */
function play(
  state: PipelineState,
  happens: (tool: string, turn: number) => PipelineEvent | null,
  given: Evidence = evidence,
) {
  const transcript: TranscriptEntry[] = [];
  let step = 4;
  let current = state;
  for (let turn = 1; turn <= 12; turn += 1) {
    const request: ReasonRequest = {
      run_id: given.run_id,
      reasoner: 'policy',
      turn,
      evidence: given,
      evidence_steps: [2, 3, 4],
      state: current,
      transcript,
      allowed_tools: allowedTools(current),
    };
    const answer = policyReasoner(request);
    expect(policyReasoner(request)).toEqual(answer);
    for (const text of answer.texts) {
      step += 1;
      transcript.push({ type: 'reasoning', step, text });
    }
    for (const call of answer.calls) {
      const guarded = guard(current, call);
      expect(guarded.allowed).toBe(true);
      transcript.push({ type: 'tool_call', step: step + 1, call });
      step += 2;
      const event = happens(call.name, turn);
      transcript.push({
        type: 'tool_result',
        step,
        call_id: call.id,
        name: call.name,
        is_error: event === null,
        result: {},
      });
      if (event !== null) current = advance(current, event);
    }
    if (answer.stopped || current.summary_written) return { state: current, transcript, turns: turn };
  }
  throw new Error('the policy reasoner did not end within twelve turns');
}

const calledIn = (transcript: readonly TranscriptEntry[]) =>
  transcript.flatMap((entry) => (entry.type === 'tool_call' ? [entry.call] : []));
const start = (given: Evidence = evidence) =>
  initialState({ dry_run: given.dry_run, verdict: verdictOf(given), approval_required: 'always' });

function allWell(tool: string): PipelineEvent | null {
  switch (tool) {
    case 'inspect_statistical_drift':
    case 'inspect_feature_drift':
    case 'inspect_target_drift':
      return { type: 'inspected', tool };
    case 'trigger_retrain':
      return { type: 'training_succeeded', version: '2' };
    case 'evaluate_model':
      return { type: 'evaluated', version: '2', outcome: 'promote', gates: [], improvement: null };
    case 'promote_model':
      return { type: 'promotion_ended', status: 'promoted', version: '2', detail: '' };
    case 'write_summary':
      return { type: 'summary_written' };
    default:
      return null;
  }
}

describe('policyReasoner', () => {
  test('looks, retrains, evaluates, puts forward and sums up, saying why before each call', () => {
    const { transcript, state } = play(start(), allWell);
    expect(calledIn(transcript).map(({ name }) => name)).toEqual([
      'inspect_statistical_drift',
      'inspect_feature_drift',
      'inspect_target_drift',
      'trigger_retrain',
      'evaluate_model',
      'promote_model',
      'write_summary',
    ]);
    expect(calledIn(transcript)[1]?.input).toEqual({ column: 'dep_delay' });
    for (const [index, entry] of transcript.entries()) {
      if (entry.type === 'tool_call') expect(transcript[index - 1]?.type).toBe('reasoning');
    }
    expect(state.summary_written).toBe(true);
  });

  test('cites only steps that exist, the evidence and the results', () => {
    const { transcript } = play(start(), allWell);
    const cites = calledIn(transcript).at(-1)?.input;
    const results = transcript.flatMap((entry) => (entry.type === 'tool_result' ? [entry.step] : []));
    expect(cites).toMatchObject({ cites: [2, 3, 4, ...results.slice(0, -1)] });
  });

  test('a dry run inspects and says what would have been done', () => {
    const dry = { ...evidence, dry_run: true };
    const { transcript } = play(start(dry), allWell, dry);
    expect(calledIn(transcript).map(({ name }) => name)).not.toContain('trigger_retrain');
    const summary = calledIn(transcript).at(-1)?.input;
    expect(summary).toMatchObject({ summary: expect.stringContaining('would now be retrained') });
  });

  test('does nothing where nothing moved', () => {
    const quiet: Evidence = {
      ...evidence,
      columns: [],
      target: null,
      max_psi: null,
      dataset: { ...evidence.dataset, features_drifted: 0, drift_detected: false, health: 'healthy' },
    };
    const { transcript } = play(start(quiet), allWell, quiet);
    expect(calledIn(transcript).map(({ name }) => name)).toEqual([
      'inspect_statistical_drift',
      'write_summary',
    ]);
  });

  const events: fc.Arbitrary<PipelineEvent | null> = fc.constantFrom(
    null,
    { type: 'inspected', tool: 'inspect_feature_drift' } as const,
    { type: 'training_refused', reason: 'busy', detail: 'another run' } as const,
    { type: 'training_failed', code: 'TrainingStuck', detail: 'silence' } as const,
    { type: 'training_succeeded', version: '7' } as const,
    { type: 'evaluated', version: '7', outcome: 'keep', gates: [], improvement: null } as const,
    { type: 'evaluated', version: '7', outcome: 'inconclusive', gates: [], improvement: null } as const,
    { type: 'evaluation_failed', code: 'ScoringFailed', detail: 'it broke' } as const,
    { type: 'promotion_ended', status: 'expired', version: '7', detail: '' } as const,
    { type: 'summary_written' } as const,
  );

  test('ends within twelve turns whatever the tools answer', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 12, maxLength: 12 }), fc.boolean(), (answers, dry_run) => {
        const given = { ...evidence, dry_run };
        const { turns } = play(start(given), (_tool, turn) => answers[turn - 1] ?? null, given);
        expect(turns).toBeLessThanOrEqual(12);
      }),
      { numRuns: 300 },
    );
  });
});
