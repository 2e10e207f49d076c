import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type JsonObject, type RunDetail, type RunId, workflowIds } from '@watchtower/contracts';
import { z } from 'zod';
import { type Answer, type DefinitionChanges, type Lab, openLab } from './lab.ts';

const minutes = 60_000;
/** Nobody hands in so many rows: what the gates say is never the last word. */
const inconclusive = { evaluate: { minimum_rows: 1_000_000 } };

describe('what people decide', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab('approval');
    await lab.apply();
    await lab.seedChampion();
  }, 3 * minutes);
  beforeEach(() => lab.resetChampion());
  afterAll(() => lab.close(), minutes);

  async function waitingRun(changes: DefinitionChanges = {}): Promise<RunId> {
    await lab.apply(changes);
    const run = await lab.startRun();
    await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
    return run;
  }

  const signal = (run: RunId, decision: 'approve' | 'reject', input?: JsonObject) =>
    lab.temporal.workflow.getHandle(workflowIds.pipeline(run)).signal(decision, ...(input ? [input] : []));

  /** What every run that has ended must be able to show. */
  async function expectProof(run: RunId): Promise<void> {
    const steps = await lab.steps(run);
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.at(-1)).toMatchObject({ kind: 'summary' });
    const { body } = await lab.request('GET', `/api/v1/pipeline/${run}/audit`);
    expect(body).toMatchObject({ ok: true });
  }

  test(
    'nobody does until the deadline: the champion stays, and a signal about other evidence counted for nothing',
    async () => {
      const run = await waitingRun({ approval: { required: 'always', deadline: '6s', reminder: '1s' } });
      await signal(run, 'approve', { actor: 'ada', evidence_digest: '0'.repeat(64) });
      const detail = await lab.ended(run);
      expect(detail).toMatchObject({
        status: 'completed',
        outcome: 'expired',
        approval: { status: 'expired', channel: 'deadline', decided_by: null },
        flags: { promoted: false },
      });
      const steps = await lab.steps(run);
      const reminders = steps.filter(({ name }) => name === 'approval_reminder');
      expect(reminders).toHaveLength(1);
      expect(steps.find(({ name }) => name === 'decision_refused')).toMatchObject({
        kind: 'decision',
        message: expect.stringContaining('other evidence'),
        payload: { actor: 'ada', authenticated: false, channel: 'signal' },
      });
      expect(await lab.championVersion()).toBe('1');
      await expectProof(run);
    },
    4 * minutes,
  );

  describe('where only authenticated approvers count', () => {
    let run: RunId;
    let digest: string;
    beforeAll(async () => {
      run = await waitingRun({ approval: { required: 'always', authenticated: true } });
      digest = (await lab.detail(run)).approval?.evidence_digest ?? '';
    }, 4 * minutes);

    test(
      'a signal is refused and recorded, and the run waits on',
      async () => {
        await signal(run, 'approve');
        const refused = await lab.step(run, 'decision_refused');
        expect(refused.message).toContain('authenticated approvers');
        expect(refused.payload).toMatchObject({ digest_quoted: false });
        expect(await lab.detail(run)).toMatchObject({
          status: 'waiting_for_approval',
          approval: { status: 'waiting' },
        });
      },
      minutes,
    );

    test(
      'of two decisions at once one wins and the other is refused; asked again, each gets the same answer',
      async () => {
        // What the evidence rests on is untouched: the approval will hold.
        await describeModel('Rows made by a formula, in other words.');
        const send = (reason: string, decision = 'approve'): Promise<Answer> =>
          lab.request(
            'POST',
            `/pipeline/${run}/decision`,
            { decision, reason, evidence_digest: digest },
            { 'idempotency-key': reason },
          );
        const reasons = ['Ada agrees.', 'Grace agrees.'];
        const answers = await Promise.all(reasons.map((reason) => send(reason)));
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
        const [first, second] = reasons;
        const winner = (answers[0]?.status === 200 ? first : second) ?? '';
        const won = answers.find(({ status }) => status === 200);
        expect(won?.body).toMatchObject({ decision: 'approve', evidence_digest: digest });
        expect(await send(winner)).toEqual(won);

        const detail = await lab.ended(run);
        expect(detail).toMatchObject({
          status: 'completed',
          outcome: 'promoted',
          approval: { status: 'approved', channel: 'api', reason: winner },
        });
        expect(await lab.championVersion()).toBe(detail.training?.version);
        const steps = await lab.steps(run);
        expect(steps.filter(({ name }) => name === 'approval_decided')).toHaveLength(1);
        expect(await send(winner)).toEqual(won);
        expect(await send('Alan objects.', 'reject')).toMatchObject({
          status: 409,
          body: { code: 'ApprovalNotAwaited' },
        });
        await expectProof(run);
      },
      2 * minutes,
    );
  });

  describe('while people thought about it', () => {
    test(
      'the definition’s rules of evaluation changed: the approval is void, the champion stays',
      async () => {
        const run = await waitingRun();
        await lab.apply({ evaluate: { primary_metric: 'roc_auc', confidence: 0.9 } });
        expect((await lab.decide(run, 'approve')).status).toBe(200);
        const detail = await lab.ended(run);
        expectVoid(detail);
        expect(await lab.championVersion()).toBe('1');
        await expectProof(run);
      },
      4 * minutes,
    );

    test(
      'the challenger’s files vanished: the promotion fails and says why, the champion stays',
      async () => {
        const run = await waitingRun();
        const settled = await lab.step(run, 'training_settled');
        const model = z.string().parse(settled.payload.model_source).replace('models:/', '');
        const removed = await fetch(`${lab.stack.mlflow}/api/2.0/mlflow/logged-models/${model}`, {
          method: 'DELETE',
        });
        expect(removed.status).toBe(200);
        expect((await lab.decide(run, 'approve')).status).toBe(200);
        const detail = await lab.ended(run);
        expect(detail).toMatchObject({
          status: 'failed',
          failure: {
            code: 'ModelFilesMissing',
            message: expect.stringMatching(/^The model files of version \d+ of approval are missing\.$/),
          },
          approval: { status: 'approved' },
          flags: { promoted: false },
        });
        const tried = (await lab.steps(run)).find(
          ({ kind, name }) => kind === 'tool_result' && name === 'promote_model',
        );
        expect(tried?.payload).toMatchObject({ is_error: true, result: { error: 'ModelFilesMissing' } });
        expect(await lab.championVersion()).toBe('1');
        await expectProof(run);
      },
      4 * minutes,
    );

    test(
      'somebody else moved the alias: the approval is void, and the alias is left where they put it',
      async () => {
        const run = await waitingRun();
        const theirs = '2';
        expect((await lab.detail(run)).training?.version).not.toBe(theirs);
        await moveAlias(theirs);
        expect((await lab.decide(run, 'approve')).status).toBe(200);
        const detail = await lab.ended(run);
        expectVoid(detail);
        expect(await lab.championVersion()).toBe(theirs);
        await expectProof(run);
      },
      4 * minutes,
    );
  });

  test(
    'is not asked where the gates are enough: they passed and the policy is `when_inconclusive`',
    async () => {
      await lab.apply({ approval: { required: 'when_inconclusive' } });
      const detail = await lab.ended(await lab.startRun(), 4 * minutes);
      expect(detail).toMatchObject({ status: 'completed', outcome: 'promoted', approval: null });
      expect(await lab.championVersion()).toBe(detail.training?.version);
    },
    5 * minutes,
  );

  test(
    'is asked under `when_inconclusive` where the gates left it open; cancelling ends the wait with a summary',
    async () => {
      const run = await waitingRun({ approval: { required: 'when_inconclusive' }, ...inconclusive });
      expect((await lab.request('GET', `/reports/eval/${run}`)).body).toMatchObject({
        report: { outcome: 'inconclusive' },
      });
      expect((await lab.request('POST', `/pipeline/${run}/cancel`)).status).toBe(202);
      const detail = await lab.ended(run);
      expect(detail).toMatchObject({
        status: 'cancelled',
        approval: { status: 'void' },
        flags: { retrained: true, promoted: false },
      });
      expect(detail.summary?.summary).toContain('The champion stays as it is');
      expect(await lab.championVersion()).toBe('1');
      await expectProof(run);
    },
    4 * minutes,
  );

  function expectVoid(detail: RunDetail): void {
    expect(detail).toMatchObject({
      status: 'completed',
      outcome: 'void',
      approval: { status: 'void', channel: 'api' },
      flags: { retrained: true, evaluated: true, promoted: false },
    });
  }

  async function describeModel(description: string): Promise<void> {
    const { body } = await lab.request('GET', `/api/v1/models/${lab.model}`);
    const definition = { ...(body.definition as JsonObject), description };
    expect((await lab.request('POST', '/api/v1/models', { definition })).body).toMatchObject({
      changed: true,
    });
  }

  async function moveAlias(version: string): Promise<void> {
    const answer = await fetch(`${lab.stack.mlflow}/api/2.0/mlflow/registered-models/alias`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: lab.model, alias: 'champion', version }),
    });
    expect(answer.status).toBe(200);
  }
});
