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

const drifted = step('evidence', 'drift_measured', { dataset: { drift_detected: true } });
const trained = step('outcome', 'training_settled', { status: 'succeeded' });
const evaluated = step('evidence', 'evaluated');
const asked = step('status', 'approval_requested');
const decided = (status: string) => step('decision', 'approval_decided', { status });
const intended = step('intent', 'promotion_intended');
const settled = (status: string) => step('outcome', 'promotion_settled', { status });
const summary = (outcome: string) => step('summary', 'summary', { status: 'completed', outcome });

const promotedSteps = [
  drifted,
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
  drift_detected: true,
  retrained: true,
  evaluated: true,
  promoted: true,
  approval: { status: 'approved' },
  promotion: { status: 'promoted' },
};
const nothing = { drift_detected: false, retrained: false, evaluated: false, promoted: false };

describe('rows of an ended run', () => {
  test('that say what the steps say are no problem', () => {
    expect(rowProblems(promotedRun, promotedSteps)).toEqual({ compared: 8, problems: [] });
    const calm = { status: 'completed', outcome: 'no_action', ...nothing, approval: null, promotion: null };
    const still = step('evidence', 'drift_measured', { dataset: { drift_detected: false } });
    expect(rowProblems(calm, [still, summary('no_action')]).problems).toEqual([]);
  });

  test.each([
    ['status', { status: 'failed' }],
    ['outcome', { outcome: 'kept' }],
    ['outcome', { outcome: null }],
    ['approval', { approval: { status: 'rejected' } }],
    ['approval', { approval: null }],
    ['promotion', { promotion: { status: 'superseded' } }],
    ['promotion', { promotion: null }],
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
    expect(rowProblems(invented, [summary('no_action')]).problems).toHaveLength(6);
  });

  test('follow the newest decision: an approval that became void', () => {
    const steps = [asked, decided('approved'), decided('void'), summary('void')];
    const row = { status: 'completed', outcome: 'void', ...nothing, promotion: null };
    expect(rowProblems({ ...row, approval: { status: 'void' } }, steps).problems).toEqual([]);
    expect(rowProblems({ ...row, approval: { status: 'approved' } }, steps).problems).toHaveLength(1);
  });

  test('of a run that was cancelled while people were asked say that nobody is asked any more', () => {
    const row = { status: 'cancelled', outcome: null, ...nothing, promotion: null };
    const end = step('summary', 'summary', { status: 'cancelled' });
    expect(rowProblems({ ...row, approval: { status: 'void' } }, [asked, end]).problems).toEqual([]);
    for (const status of ['waiting', 'approved']) {
      expect(rowProblems({ ...row, approval: { status } }, [asked, end]).problems).toHaveLength(1);
    }
  });
});
