import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  type Decision,
  type DecisionAccepted,
  type DecisionRequest,
  decisionAccepted,
  failureCode,
  isTerminal,
  type RunId,
  runStatus,
  WatchtowerError,
  workflowIds,
} from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import type { RunModel } from '@watchtower/database';
import type { Caller } from './api-keys.ts';
import { bounded, TimedOut } from './bounded.ts';
import type { GatewayContext } from './context.ts';
import { failureOf } from './problems.ts';

/** How long a client waits for a worker to take the decision up. */
const answerLimit = 5_000;

interface DecisionCall {
  readonly run: RunModel;
  readonly runId: RunId;
  readonly request: DecisionRequest;
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
}

/**
 * Relays a decision to the run's workflow, which alone accepts or refuses it. The same request of the same caller is
 * the same Update, and so gets the same answer; another body or caller is another one.
 *
 * @returns the recorded decision, or null where no worker answered in time: it may still be recorded
 * @throws WatchtowerError `ApprovalNotAwaited`, `EvidenceStale`, `ApproverUnverified`, `TemporalUnavailable`
 */
export async function decide(context: GatewayContext, call: DecisionCall): Promise<DecisionAccepted | null> {
  const { temporal } = context;
  const { run, runId, request, caller, idempotencyKey } = call;
  const updateId = digestOf({ key: caller.id, idempotency_key: idempotencyKey ?? null, body: request });
  const decision: Decision = { ...request, actor: caller.name, authenticated: true };
  const send = () =>
    temporal.workflow
      .getHandle(workflowIds.pipeline(runId))
      .executeUpdate<unknown, [Decision]>('decide', { args: [decision], updateId });
  try {
    const answer = await bounded(
      answerLimit,
      temporal.connection.withDeadline(Date.now() + answerLimit, send),
    );
    return decisionAccepted.parse(answer);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notAwaited(run);
    const refusal = refusalOf(error);
    if (refusal !== null) throw refusal;
    if (error instanceof TimedOut) return null;
    if (failureOf(error).code === 'TemporalUnavailable' && (await temporalAnswers(context))) return null;
    throw error;
  }
}

/** The workflow's refusal, in the words of the catalogue. */
function refusalOf(error: unknown): WatchtowerError | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure))
    return null;
  const code = failureCode.safeParse(error.cause.type);
  return code.success ? new WatchtowerError(code.data, error.cause.message, { cause: error }) : null;
}

function notAwaited(run: RunModel): WatchtowerError {
  const status = runStatus.parse(run.status);
  return new WatchtowerError(
    'ApprovalNotAwaited',
    isTerminal(status)
      ? `Run ${run.id} has ended as "${run.outcome ?? status}"; there is nothing to decide.`
      : `Run ${run.id} is "${status}" and waits for no decision.`,
  );
}

/** Tells a server that is away from one that only waits for a worker: both end in an overrun deadline. */
async function temporalAnswers({ temporal }: GatewayContext): Promise<boolean> {
  const ask = () => temporal.workflowService.getSystemInfo({});
  return bounded(1_000, temporal.connection.withDeadline(Date.now() + 1_000, ask)).then(
    () => true,
    () => false,
  );
}
