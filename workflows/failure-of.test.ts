import { describe, expect, test } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { failureOf, hasCode } from './failure-of.ts';

const activity = (cause: Error) =>
  new ActivityFailure('Activity task failed', 'scoreModel', '7', 'NON_RETRYABLE_FAILURE', undefined, cause);
const child = (cause: Error) =>
  new ChildWorkflowFailure(
    'default',
    { workflowId: 'retrain/1', runId: 'r' },
    'retrain',
    'NON_RETRYABLE_FAILURE',
    cause,
  );
const missing = ApplicationFailure.nonRetryable('No file matches.', 'DataFileMissing');

describe('what a person is told of a failure', () => {
  test('is the code of the catalogue, however deep it lies', () => {
    for (const error of [missing, activity(missing), child(activity(missing))]) {
      expect(failureOf(error)).toEqual({ code: 'DataFileMissing', message: 'No file matches.' });
      expect(hasCode(error, 'DataFileMissing')).toBe(true);
      expect(hasCode(error, 'StepConflict')).toBe(false);
    }
  });

  test('is `Internal` where the type is not of the catalogue', () => {
    const foreign = ApplicationFailure.nonRetryable('Something else.', 'TypeError');
    expect(failureOf(activity(foreign))).toEqual({ code: 'Internal', message: 'Something else.' });
  });

  test('names the activity that ran out of time', () => {
    const late = activity(
      new TimeoutFailure('activity ScheduleToClose timeout', undefined, 'SCHEDULE_TO_CLOSE'),
    );
    expect(failureOf(late)).toMatchObject({
      code: 'WorkflowTimedOut',
      message: expect.stringContaining('scoreModel'),
    });
  });

  test('names the child that was terminated', () => {
    expect(failureOf(child(new TerminatedFailure('workflow terminated')))).toEqual({
      code: 'WorkflowTerminated',
      message: 'Workflow retrain/1 was terminated from outside.',
    });
  });

  test('is the innermost message of anything else', () => {
    expect(failureOf(child(new Error('it was terminated')))).toEqual({
      code: 'WorkflowFailed',
      message: 'it was terminated',
    });
    expect(failureOf(undefined)).toMatchObject({ code: 'WorkflowFailed' });
  });
});
