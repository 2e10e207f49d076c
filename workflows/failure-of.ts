import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  rootCause,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { type Failure, failureCode } from '@watchtower/contracts';

/** What a person is told of whatever was thrown: the code of the catalogue and one sentence. */
export function failureOf(error: unknown): Failure {
  const cause = causeOf(error);
  if (cause instanceof ApplicationFailure) {
    const code = failureCode.safeParse(cause.type);
    return { code: code.success ? code.data : 'Internal', message: cause.message };
  }
  if (cause instanceof TimeoutFailure) {
    const what = error instanceof ActivityFailure ? `Activity ${error.activityType}` : 'An activity';
    return {
      code: 'WorkflowTimedOut',
      message: `${what} did not succeed within its time. See its attempts in Temporal.`,
    };
  }
  if (cause instanceof TerminatedFailure) {
    const what =
      error instanceof ChildWorkflowFailure ? `Workflow ${error.execution.workflowId}` : 'A workflow';
    return { code: 'WorkflowTerminated', message: `${what} was terminated from outside.` };
  }
  return { code: 'WorkflowFailed', message: rootCause(error) ?? 'The workflow failed without a message.' };
}

/** Whether an activity failed with this code of the catalogue. */
export function hasCode(error: unknown, code: Failure['code']): boolean {
  const cause = causeOf(error);
  return cause instanceof ApplicationFailure && cause.type === code;
}

function causeOf(error: unknown): unknown {
  let cause = error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause)
    cause = cause.cause;
  return cause;
}
