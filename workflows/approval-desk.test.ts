import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { digest, duration, type ModelDefinition, runId } from '@watchtower/contracts';
import { failed, MemoryLog } from './stand-ins/memory-log.ts';
import { WorkflowRuntime } from './stand-ins/workflow-runtime.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const runtime = new WorkflowRuntime();
const log = new MemoryLog();
const actual = await import('@temporalio/workflow');
jest.unstable_mockModule('@temporalio/workflow', () => ({ ...actual, ...runtime.functions }));
jest.unstable_mockModule('./activities.ts', () => ({ audit: log.activities }));
const { Pen } = await import('./pen.ts');
const { ApprovalDesk } = await import('./approval-desk.ts');

const hour = 3_600_000;
const start = Date.parse('2026-01-05T06:00:00.000Z');
const settings: ModelDefinition['approval'] = {
  required: 'always',
  deadline: duration.parse('72h'),
  reminder: duration.parse('24h'),
  authenticated: false,
};
const shown = digest.parse('a'.repeat(64));
const other = digest.parse('b'.repeat(64));

beforeEach(() => {
  log.clear();
  jest.useFakeTimers({ now: start, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Asks, and comes back when people can see it. */
async function ask(changes: Partial<ModelDefinition['approval']> = {}) {
  const answer = new ApprovalDesk(run).ask(shown, { ...settings, ...changes }, new Pen(run));
  await seen('approval_requested');
  return { answer };
}

async function seen(name: string): Promise<void> {
  for (let left = 1_000; !log.names.includes(name); left -= 1) {
    if (left === 0) throw new Error(`Nobody wrote ${name}.`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const decide = (decision: 'approve' | 'reject', evidence_digest = shown) =>
  runtime.update('decide', {
    decision,
    reason: 'Looks right.',
    actor: 'ada',
    authenticated: true,
    evidence_digest,
  });

const last = () => log.steps.at(-1);

describe('a decision over the API', () => {
  test.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const)('to %s is written down before it is answered', async (decision, status) => {
    const { answer } = await ask();
    jest.setSystemTime(start + hour);
    const decided_at = new Date(start + hour).toISOString();
    expect(await decide(decision)).toEqual({ run_id: run, decision, decided_at, evidence_digest: shown });
    expect(await answer).toMatchObject({ status, detail: expect.stringContaining('ada: Looks right.') });
    expect(last()).toMatchObject({
      kind: 'decision',
      name: 'approval_decided',
      payload: { status, actor: 'ada', channel: 'api', digest_quoted: true, evidence_digest: shown },
    });
    expect(log.changes).toMatchObject([
      {
        status: 'waiting_for_approval',
        approval: { status: 'waiting', deadline: new Date(start + 72 * hour).toISOString() },
      },
      { status: 'running', approval: { status, decided_at, decided_by: 'ada', channel: 'api' } },
    ]);
  });

  test('is refused before anybody is asked, and after it was decided', async () => {
    const desk = new ApprovalDesk(run);
    await expect(decide('approve')).rejects.toMatchObject({ type: 'ApprovalNotAwaited' });
    const answer = desk.ask(shown, settings, new Pen(run));
    await seen('approval_requested');
    await decide('reject');
    await answer;
    await expect(decide('approve')).rejects.toMatchObject({ type: 'ApprovalNotAwaited' });
    expect(log.names).toEqual(['approval_requested', 'approval_decided']);
  });

  test('that quotes other evidence is refused, and the run waits on', async () => {
    const { answer } = await ask();
    await expect(decide('approve', other)).rejects.toMatchObject({ type: 'EvidenceStale' });
    await decide('reject');
    expect(await answer).toMatchObject({ status: 'rejected' });
  });

  test('is taken once: of two at once the second is refused', async () => {
    const { answer } = await ask();
    const both = await Promise.allSettled([decide('reject'), decide('approve')]);
    expect(both).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { type: 'ApprovalNotAwaited' } },
    ]);
    expect(await answer).toMatchObject({ status: 'rejected' });
    expect(log.names.filter((name) => name === 'approval_decided')).toHaveLength(1);
  });

  test('that could not be written down is refused', async () => {
    const { answer } = await ask();
    log.before = () => {
      throw failed('DatabaseUnavailable', 'For a whole day.');
    };
    const decision = decide('approve');
    await expect(answer).rejects.toMatchObject({ cause: { type: 'DatabaseUnavailable' } });
    await expect(decision).rejects.toMatchObject({ type: 'ApprovalNotAwaited' });
  });

  test('that the end of the run overtakes is refused', async () => {
    const desk = new ApprovalDesk(run);
    const answer = desk.ask(shown, settings, new Pen(run));
    await seen('approval_requested');
    const decision = decide('approve');
    desk.close();
    await expect(decision).rejects.toMatchObject({ type: 'ApprovalNotAwaited' });
    jest.setSystemTime(start + 72 * hour);
    await answer;
  });
});

describe('a signal', () => {
  test('decides, by somebody unverified, where the model asks for no authenticated approver', async () => {
    const { answer } = await ask();
    runtime.signal('approve', { actor: 'bob', evidence_digest: shown });
    expect(await answer).toMatchObject({
      status: 'approved',
      detail: 'Approved by bob (unverified): No reason was given.',
    });
    expect(last()?.payload).toMatchObject({ channel: 'signal', digest_quoted: true });
  });

  test('without any input says that no evidence was quoted', async () => {
    const { answer } = await ask();
    runtime.signal('reject');
    expect(await answer).toMatchObject({ status: 'rejected' });
    expect(last()?.payload).toMatchObject({ actor: 'a signal without a name', digest_quoted: false });
  });

  test('that quotes other evidence is written down, and counts for nothing', async () => {
    const { answer } = await ask();
    runtime.signal('approve', { evidence_digest: other });
    await seen('decision_refused');
    expect(last()).toMatchObject({ message: expect.stringContaining('it quotes other evidence') });
    await decide('reject');
    expect(await answer).toMatchObject({ status: 'rejected' });
  });

  test('counts for nothing where approvers must be authenticated', async () => {
    const { answer } = await ask({ authenticated: true });
    runtime.signal('approve', { evidence_digest: shown });
    await seen('decision_refused');
    await decide('reject');
    expect(await answer).toMatchObject({ status: 'rejected' });
  });

  test('that came before anybody was asked counts for nothing, as after a reset', async () => {
    const desk = new ApprovalDesk(run);
    runtime.signal('approve', { evidence_digest: shown });
    const answer = desk.ask(shown, settings, new Pen(run));
    await seen('approval_requested');
    expect(log.names).toEqual(['decision_refused', 'approval_requested']);
    await decide('reject');
    expect(await answer).toMatchObject({ status: 'rejected' });
  });
});

describe('time', () => {
  test('reminds once, and then keeps the champion', async () => {
    const { answer } = await ask();
    jest.setSystemTime(start + 24 * hour);
    await seen('approval_reminder');
    jest.setSystemTime(start + 72 * hour);
    expect(await answer).toMatchObject({ status: 'expired' });
    expect(log.names).toEqual(['approval_requested', 'approval_reminder', 'approval_decided']);
    expect(log.changes.at(-1)).toMatchObject({ approval: { status: 'expired', channel: 'deadline' } });
  });

  test('does not remind of what ends before', async () => {
    const { answer } = await ask({ deadline: duration.parse('1h') });
    jest.setSystemTime(start + hour);
    expect(await answer).toMatchObject({ status: 'expired' });
    expect(log.names).toEqual(['approval_requested', 'approval_decided']);
  });
});
