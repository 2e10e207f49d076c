import { describe, expect, test } from '@jest/globals';
import { genesisHash, type JsonObject, runId, type Step, type StepKind } from '@watchtower/contracts';
import { rowProblems } from './row-problems.ts';

const run_id = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const step = (kind: StepKind, name: string, payload: JsonObject = {}): Step => ({
  run_id,
  number: 1,
  kind,
  name,
  message: name,
  payload,
  at: '2026-01-01T00:00:00.000Z',
  temporal: { workflow_id: `pipeline/${run_id}`, workflow_run_id: 'r', activity_id: '1' },
  previous_hash: genesisHash,
  hash: genesisHash,
});

const drifted = step('evidence', 'drift_measured', { dataset: { drift_detected: true }, report_digest: 'd' });
const verdict = step('evidence', 'verdict', { urgency: 'monitor' });
const thought = (name: string, number: number, input: number) =>
  step('reasoning', name, {
    turn: {
      number,
      reasoner: 'anthropic',
      stop: 'calls',
      model_id: 'm',
      request_id: null,
      tokens: { input, output: 1, cache_read: 0, cache_write: 0 },
      cost: null,
      exchange: null,
    },
  });
const decision = step('evidence', 'retraining_decided', { urgency: 'soon' });
const trained = step('outcome', 'training_settled', { status: 'succeeded', version: '2' });
const evaluated = step('evidence', 'evaluated', { outcome: 'promote', evidence_digest: 'e' });
const asked = step('status', 'approval_requested', { evidence_digest: 'e' });
const decided = (status: string) =>
  step('decision', 'approval_decided', { status, ...(status !== 'void' && { actor: 'ada' }) });
const intended = step('intent', 'promotion_intended', { version: '2' });
const settled = (status: string) => step('outcome', 'promotion_settled', { status });
const summary = (outcome: string) => step('summary', 'summary', { status: 'completed', outcome });

const promotedSteps = [
  drifted,
  verdict,
  thought('first text', 1, 10),
  thought('second text', 1, 10),
  thought('next turn', 2, 20),
  decision,
  trained,
  evaluated,
  asked,
  decided('approved'),
  intended,
  settled('promoted'),
  summary('promoted'),
];
const promotedRun = {
  status: 'completed',
  outcome: 'promoted',
  urgency: 'soon',
  reasoning: { turns: 2, tokens: { input: 30, output: 2, cache_read: 0, cache_write: 0 }, cost: null },
  drift_detected: true,
  retrained: true,
  evaluated: true,
  promoted: true,
  approval: { status: 'approved', decided_by: 'ada', evidence_digest: 'e' },
  promotion: { status: 'promoted', version: '2' },
  training: { version: '2' },
  evaluation: { outcome: 'promote', evidence_digest: 'e', challenger_version: '2' },
  drift_report: { artifact: 'd' },
};

test('only what people said since they were asked last counts, as after a reset', () => {
  const again = [asked, decided('approved'), asked, decided('rejected')];
  const steps = [drifted, trained, evaluated, ...again, summary('rejected')];
  const rejected = {
    ...promotedRun,
    outcome: 'rejected',
    promoted: false,
    promotion: null,
    urgency: null,
    reasoning: null,
  };
  const row = { status: 'rejected', decided_by: 'ada', evidence_digest: 'e' };
  expect(rowProblems({ ...rejected, approval: row }, steps).problems).toEqual([]);
  const unanswered = [drifted, trained, evaluated, asked, decided('approved'), asked];
  const cancelled = { ...rejected, status: 'cancelled', outcome: null };
  const voided = { status: 'void', decided_by: null, evidence_digest: 'e' };
  const end = step('summary', 'summary', { status: 'cancelled' });
  expect(rowProblems({ ...cancelled, approval: voided }, [...unanswered, end]).problems).toEqual([]);
});

const nothing = {
  urgency: null,
  reasoning: null,
  drift_detected: false,
  retrained: false,
  evaluated: false,
  promoted: false,
  training: null,
  evaluation: null,
  drift_report: null,
};
const approval = (status: string, decided_by: string | null) => ({
  status,
  decided_by,
  evidence_digest: 'e',
});

describe('rows of an ended run', () => {
  test('that say what the steps say are no problem', () => {
    expect(rowProblems(promotedRun, promotedSteps)).toEqual({ compared: 17, problems: [] });
    const calm = { status: 'completed', outcome: 'no_action', ...nothing, approval: null, promotion: null };
    const still = step('evidence', 'drift_measured', { dataset: { drift_detected: false } });
    expect(rowProblems(calm, [still, summary('no_action')]).problems).toEqual([]);
  });

  test.each([
    ['status', { status: 'failed' }],
    ['outcome', { outcome: 'kept' }],
    ['outcome', { outcome: null }],
    ['urgency', { urgency: 'monitor' }],
    ['tokens', { reasoning: null }],
    ['approval', { approval: approval('rejected', 'ada') }],
    ['decider', { approval: approval('approved', 'eve') }],
    ['approved evidence', { approval: { ...approval('approved', 'ada'), evidence_digest: 'x' } }],
    ['promotion', { promotion: { status: 'superseded', version: '2' } }],
    ['promoted version', { promotion: { status: 'promoted', version: '3' } }],
    ['trained version', { training: { version: '3' } }],
    ['drift report', { drift_report: { artifact: 'x' } }],
    ['evaluation', { evaluation: { ...promotedRun.evaluation, evidence_digest: 'x' } }],
    ['evaluation outcome', { evaluation: { ...promotedRun.evaluation, outcome: 'keep' } }],
    ['flag "drift_detected"', { drift_detected: false }],
    ['flag "retrained"', { retrained: false }],
    ['flag "evaluated"', { evaluated: false }],
    ['flag "promoted"', { promoted: false }],
  ])('with another %s are told', (what, change) => {
    const { problems } = rowProblems({ ...promotedRun, ...change }, promotedSteps);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^the row says ${what} is `))]);
  });

  test('that claim what no step tells are told', () => {
    const invented = { ...promotedRun, outcome: 'no_action' };
    expect(rowProblems(invented, [summary('no_action')]).problems).toHaveLength(12);
  });

  test('follow the newest decision: an approval that became void', () => {
    const steps = [asked, decided('approved'), decided('void'), summary('void')];
    const row = { status: 'completed', outcome: 'void', ...nothing, promotion: null };
    expect(rowProblems({ ...row, approval: approval('void', 'ada') }, steps).problems).toEqual([]);
    expect(rowProblems({ ...row, approval: approval('approved', 'ada') }, steps).problems).toHaveLength(1);
  });

  test('of a run that was cancelled while people were asked say that nobody is asked any more', () => {
    const row = { status: 'cancelled', outcome: null, ...nothing, promotion: null };
    const end = step('summary', 'summary', { status: 'cancelled' });
    expect(rowProblems({ ...row, approval: approval('void', null) }, [asked, end]).problems).toEqual([]);
    for (const status of ['waiting', 'approved']) {
      expect(rowProblems({ ...row, approval: approval(status, null) }, [asked, end]).problems).toHaveLength(
        1,
      );
    }
  });
});
