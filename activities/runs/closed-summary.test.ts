import { expect, test } from '@jest/globals';
import { evaluationReport, retrainingProposal } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import { brokenOffSummary, decisionOf } from '@watchtower/policy';
import { exampleRequest } from '../../tests/scripted-providers/index.ts';
import { type ToldStep, whatHappened } from './closed-summary.ts';

const { verdict } = exampleRequest().state;
const decision = decisionOf(
  verdict,
  retrainingProposal.parse({
    urgency: 'immediate',
    confidence: 80,
    root_cause: 'Delays grew.',
    rationale: 'The flights are others.',
    strategy: 'fine_tune',
  }),
);
const digest = sha256('x');
const window = { from: '2013-04-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' };
const scored = { mlflow_run_id: null, training_window: null, metrics: {}, predictions_artifact: digest };
const report = evaluationReport.parse({
  model: 'flights',
  registered_model: 'flights',
  challenger: { version: '2', ...scored },
  champion: null,
  rows: 10,
  window,
  rows_artifact: digest,
  improvement: null,
  gates: [],
  outcome: 'promote',
  reason: 'it is better',
  evidence_digest: digest,
});

const steps = (...told: readonly (readonly [name: string, payload: unknown])[]): ToldStep[] =>
  told.map(([name, payload], index) => ({ number: index + 2, name, message: `It is ${name}.`, payload }));
const evidence = [
  ['champion_read', { champion: null }],
  ['drift_measured', {}],
  ['verdict', verdict],
] as const;
const run = { dry_run: false, approval_required: 'always', training: null } as const;
const succeeded = { status: 'succeeded', version: '2', attempts: 1, metrics: {} } as const;

const summed = (...told: Parameters<typeof whatHappened>) => {
  const happened = whatHappened(...told);
  return happened && brokenOffSummary('It was terminated.', happened.state, happened.cites);
};

test('a run that had no verdict yet was not reasoned about and is not summed up', () => {
  expect(whatHappened(steps(['champion_read', { champion: null }]), run)).toBeNull();
});

test('a run that was ended while it reasoned is summed up by its evidence', () => {
  expect(summed(steps(...evidence), run)).toMatchObject({
    reasoner: 'policy',
    headline: 'It was terminated.',
    cites: [2, 3, 4],
    facts: expect.stringContaining('Nothing was decided about a retraining.'),
  });
});

test('a training that ended with its run did not succeed', () => {
  const facts = summed(steps(...evidence, ['retraining_decided', decision]), {
    ...run,
    training: 'unsettled',
  });
  expect(facts?.facts).toMatch(/a retraining \(fine tune\).* did not succeed: It was stopped with its run\./);
});

test('what was trained, compared and promoted is told, and what a reset undid is not', () => {
  const told = steps(
    ...evidence,
    ['retraining_decided', { ...decision, confidence: 1 }],
    ['evaluated', { ...report, outcome: 'keep' }],
    ...evidence,
    ['retraining_decided', decision],
    ['evaluated', report],
    ['promotion_settled', { status: 'promoted', version: '2' }],
  );
  const summary = summed(told, { ...run, training: succeeded });
  expect(summary?.cites).toEqual([7, 8, 9]);
  expect(summary?.facts).toContain('a confidence of 80 %');
  expect(summary?.facts).toContain('the new version is 2. Version 2 passed every check');
  expect(summary?.facts).toContain('Version 2 is the champion now.');
  expect(summary?.facts).not.toMatch(/confidence of 1 %|did not pass/);
});
