import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import {
  type Decision,
  type DecisionAccepted,
  type DecisionSignal,
  type Digest,
  decisionSignal,
  type Instant,
  type ModelDefinition,
  milliseconds,
  type RunId,
} from '@watchtower/contracts';
import { approveSignal, decideUpdate, rejectSignal } from './messages.ts';
import type { Pen } from './pen.ts';

interface Submission {
  readonly decision: 'approve' | 'reject';
  readonly reason: string;
  readonly actor: string;
  readonly authenticated: boolean;
  readonly evidence_digest: Digest | null;
  readonly channel: 'api' | 'signal';
  /** What the main line made of it: the run's decision since then, or one that does not count. */
  answer: { readonly decided_at: Instant } | 'refused' | null;
}

/** The approval as its row has it. */
export interface ApprovalRequest {
  readonly evidence_digest: Digest;
  readonly requested_at: Instant;
  readonly deadline: Instant;
}

export interface ApprovalResult {
  readonly status: 'approved' | 'rejected' | 'expired';
  readonly detail: string;
  readonly request: ApprovalRequest;
}

/**
 * Where people's decisions arrive. Handlers only put what they received into a queue: the main line alone writes steps.
 */
export class ApprovalDesk {
  readonly #runId: RunId;
  readonly #queue: Submission[] = [];
  #awaited: Digest | null = null;

  constructor(runId: RunId) {
    this.#runId = runId;
    setHandler(decideUpdate, (decision) => this.#decide(decision), {
      validator: (decision) => this.#validate(decision),
    });
    setHandler(approveSignal, (signal) => this.#signal('approve', signal));
    setHandler(rejectSignal, (signal) => this.#signal('reject', signal));
  }

  /** Asks, and waits for a decision that counts or for the deadline. */
  async ask(digest: Digest, settings: ModelDefinition['approval'], pen: Pen): Promise<ApprovalResult> {
    await this.#refuse('nothing was awaited when it arrived', pen);
    const requested = Date.now();
    const deadline = requested + milliseconds(settings.deadline);
    const row: ApprovalRequest = {
      evidence_digest: digest,
      requested_at: new Date(requested).toISOString(),
      deadline: new Date(deadline).toISOString(),
    };
    this.#awaited = digest;
    await pen.write(
      [
        {
          kind: 'status',
          name: 'approval_requested',
          message: `Waiting for a person's decision until ${row.deadline}. Evidence ${digest}.`,
          payload: { ...row, authenticated: settings.authenticated },
        },
      ],
      { status: 'waiting_for_approval', approval: { ...row, status: 'waiting' } },
    );
    const decided = await this.#wait(settings, requested, deadline, pen);
    this.#awaited = null;
    const at = new Date(Date.now()).toISOString();
    const result = { ...resultOf(decided), request: row };
    try {
      await writeDecision(pen, result, decided, at);
    } catch (error) {
      if (decided) decided.answer = 'refused';
      throw error;
    }
    if (decided) decided.answer = { decided_at: at };
    await this.#refuse('the run was decided before it arrived', pen);
    return result;
  }

  /** The run ends: whoever still waits for an answer gets one; signals nobody waits for are in Temporal's history alone. */
  close(): void {
    this.#awaited = null;
    for (const queued of this.#queue.splice(0)) queued.answer = 'refused';
  }

  async #wait(
    settings: ModelDefinition['approval'],
    requested: number,
    deadline: number,
    pen: Pen,
  ): Promise<Submission | null> {
    let reminder: number | null = requested + milliseconds(settings.reminder);
    if (reminder >= deadline) reminder = null;
    for (;;) {
      const next = this.#queue.shift();
      if (next) {
        const refusal = this.#refusal(next, settings);
        if (!refusal) return next;
        next.answer = 'refused';
        await pen.write([refusedStep(next, refusal)]);
        continue;
      }
      const now = Date.now();
      if (now >= deadline) return null;
      if (reminder !== null && now >= reminder) {
        reminder = null;
        await pen.write([
          { kind: 'status', name: 'approval_reminder', message: 'Still waiting for a decision.' },
        ]);
        continue;
      }
      await condition(() => this.#queue.length > 0, Math.min(deadline, reminder ?? deadline) - now);
    }
  }

  /** What arrived before it was asked for, or while the decision was written down, counts for nothing; the log says so. */
  async #refuse(why: string, pen: Pen): Promise<void> {
    for (let queued = this.#queue.shift(); queued; queued = this.#queue.shift()) {
      queued.answer = 'refused';
      await pen.write([refusedStep(queued, why)]);
    }
  }

  #refusal(submission: Submission, settings: ModelDefinition['approval']): string | null {
    if (submission.evidence_digest !== null && submission.evidence_digest !== this.#awaited) {
      return 'it quotes other evidence than the run shows';
    }
    if (settings.authenticated && !submission.authenticated)
      return 'this model asks for authenticated approvers';
    return null;
  }

  #validate(decision: Decision): void {
    if (this.#awaited === null || this.#queue.some((queued) => queued.channel === 'api')) {
      throw ApplicationFailure.nonRetryable(
        `Run ${this.#runId} waits for no decision.`,
        'ApprovalNotAwaited',
      );
    }
    if (decision.evidence_digest !== this.#awaited) {
      throw ApplicationFailure.nonRetryable(
        `The decision quotes evidence ${decision.evidence_digest}, run ${this.#runId} shows ${this.#awaited}. Look at the evidence again.`,
        'EvidenceStale',
      );
    }
  }

  async #decide(decision: Decision): Promise<DecisionAccepted> {
    const submission: Submission = { ...decision, channel: 'api', answer: null };
    this.#queue.push(submission);
    await condition(() => submission.answer !== null);
    if (submission.answer === null || submission.answer === 'refused') {
      throw ApplicationFailure.nonRetryable(
        `Run ${this.#runId} waits for no decision.`,
        'ApprovalNotAwaited',
      );
    }
    return {
      run_id: this.#runId,
      decision: decision.decision,
      decided_at: submission.answer.decided_at,
      evidence_digest: decision.evidence_digest,
    };
  }

  #signal(decision: 'approve' | 'reject', payload: DecisionSignal | undefined): void {
    const parsed = decisionSignal.safeParse(payload ?? {});
    const signal = parsed.success
      ? parsed.data
      : { reason: 'The signal had an input that could not be read.' };
    this.#queue.push({
      decision,
      reason: signal.reason ?? 'No reason was given.',
      actor: signal.actor ?? 'a signal without a name',
      authenticated: false,
      evidence_digest: signal.evidence_digest ?? null,
      channel: 'signal',
      answer: null,
    });
  }
}

async function writeDecision(
  pen: Pen,
  { status, detail, request }: ApprovalResult,
  decided: Submission | null,
  decided_at: Instant,
): Promise<void> {
  await pen.write(
    [
      {
        kind: 'decision',
        name: 'approval_decided',
        message: detail,
        payload: { ...request, status, ...(decided && detailsOf(decided)) },
      },
    ],
    {
      status: 'running',
      approval: {
        ...request,
        status,
        decided_at,
        channel: decided?.channel ?? 'deadline',
        ...(decided && { decided_by: decided.actor, reason: decided.reason }),
      },
    },
  );
}

const refusedStep = (submission: Submission, why: string) => ({
  kind: 'decision' as const,
  name: 'decision_refused',
  message: `A decision to ${submission.decision} by ${submission.actor} does not count: ${why}.`.slice(
    0,
    2000,
  ),
  payload: detailsOf(submission),
});

const detailsOf = ({ decision, reason, actor, authenticated, evidence_digest, channel }: Submission) => ({
  decision,
  reason,
  actor,
  authenticated,
  evidence_digest,
  channel,
  digest_quoted: evidence_digest !== null,
});

function resultOf(decided: Submission | null): Omit<ApprovalResult, 'request'> {
  if (!decided)
    return { status: 'expired', detail: 'Nobody decided before the deadline: the champion stays.' };
  const verb = decided.decision === 'approve' ? 'Approved' : 'Rejected';
  const sender = decided.authenticated ? decided.actor : `${decided.actor} (unverified)`;
  return {
    status: decided.decision === 'approve' ? 'approved' : 'rejected',
    detail: `${verb} by ${sender}: ${decided.reason}`.slice(0, 2000),
  };
}
