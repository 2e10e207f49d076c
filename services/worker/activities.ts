import { createAuditActivities } from '@watchtower/activities/audit/index';
import type { ActivityContext } from '@watchtower/activities/context';
import { createDriftActivities } from '@watchtower/activities/drift/index';
import { createEvaluationActivities } from '@watchtower/activities/evaluation/index';
import { createLeaseActivities } from '@watchtower/activities/leases/index';
import { createMlflowActivities } from '@watchtower/activities/mlflow/index';
import { createReasoningActivities } from '@watchtower/activities/reasoning/index';
import { createRunActivities, createWaitingActivities } from '@watchtower/activities/runs/index';
import { createTrainingActivities } from '@watchtower/activities/training/index';
import { taskQueues } from '@watchtower/contracts';

/** Which activities each task queue serves, and how many at a time. */
export function activitiesByQueue(context: ActivityContext) {
  const training = createTrainingActivities(context);
  const mlflow = createMlflowActivities(context);
  const openTraining: typeof mlflow.openTraining = (input) => mlflow.openTraining(input);
  return {
    main: {
      taskQueue: taskQueues.main,
      concurrency: 40,
      activities: {
        ...createAuditActivities(context),
        ...createRunActivities(context),
        ...createLeaseActivities(context, training),
        ...mlflow,
        ...createReasoningActivities(context),
      },
    },
    // Rows fill memory and scorers fill cores: two at a time.
    data: {
      taskQueue: taskQueues.data,
      concurrency: 2,
      // Opening a training may write its rows to a file.
      activities: { openTraining, ...createDriftActivities(context), ...createEvaluationActivities(context) },
    },
    training: {
      taskQueue: taskQueues.training,
      concurrency: 50,
      activities: { ...training, ...createWaitingActivities(context) },
    },
  } as const;
}
