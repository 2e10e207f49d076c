import { isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { ReasoningActivities } from '@watchtower/activities';
import {
  type FailureCode,
  type ReasonerTurn,
  type ReasonRequest,
  type ReplacementCause,
  type TurnMark,
  taskQueues,
} from '@watchtower/contracts';
import { replacementOnFailure } from '@watchtower/policy';
import { reasoning } from './activities.ts';
import { failureOf } from './failure-of.ts';

/** Why the policy reasoner takes over. */
export interface Replacement {
  readonly cause: ReplacementCause;
  readonly detail: string;
  readonly code?: FailureCode;
  /** The turn after which it happened, where that wrote no other step. */
  readonly mark?: TurnMark;
}

/** Outages of ours are waited out, as everywhere: docs/decisions/0001-contracts.md, section 6. */
const patience = 24 * 60 * 60 * 1000;

/**
 * One turn. The policy reasoner is waited for as long as it takes; a language model that does not answer within a
 * quarter of an hour is replaced instead. While Postgres is away nobody is asked, since the conversation cannot be read:
 * that is no failure of the language model's.
 */
export async function askReasoner(request: ReasonRequest): Promise<ReasonerTurn | Replacement> {
  const { reasoner, turn } = request;
  const who = reasoner.model_id === null ? reasoner.name : `${reasoner.name}, ${reasoner.model_id}`;
  const summary = `Turn ${turn} of reasoner ${who}`.slice(0, 180);
  if (reasoner.name === 'policy') return reasoning.reason.executeWithOptions({ summary }, [request]);
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await languageModel(reasoner.timeout_seconds).reason.executeWithOptions({ summary }, [request]);
    } catch (error) {
      // A run that is cancelled ends; nobody else is asked in its place.
      if (isCancellation(error)) throw error;
      const { code, message } = failureOf(error);
      if (code !== 'DatabaseUnavailable' || Date.now() >= deadline) {
        return { cause: replacementOnFailure(code), detail: message, code };
      }
      await sleep('30s');
    }
  }
}

const languageModel = (timeoutSeconds: number) =>
  proxyActivities<ReasoningActivities>({
    taskQueue: taskQueues.main,
    // The call has its own limit; this one is for a worker that is gone.
    startToCloseTimeout: (timeoutSeconds + 30) * 1000,
    heartbeatTimeout: '20s',
    scheduleToCloseTimeout: '15m',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '60s', maximumAttempts: 6 },
  });
