import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { Logger } from 'pino';
import { applicationFailureOf } from './activity-failures.ts';

/** Types every failure of an activity, in one place; the original, with its stack, goes to the log. */
export const failureInterceptor = (logger: Logger) => (context: Context) => ({
  inbound: {
    async execute(
      input: ActivityExecuteInput,
      next: Next<ActivityInboundCallsInterceptor, 'execute'>,
    ): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        const { activityType, attempt, workflowExecution } = context.info;
        logger.warn(
          { activity: activityType, attempt, workflow: workflowExecution?.workflowId, err: error },
          'activity failed',
        );
        throw applicationFailureOf(error);
      }
    },
  } satisfies ActivityInboundCallsInterceptor,
});
