import { proxyActivities } from '@temporalio/workflow';
import type { RunActivities } from '@watchtower/activities/interfaces/runs';
import { taskQueues } from '@watchtower/contracts';
import { pipeline as ourPipeline, retrain as ourRetrain } from '@watchtower/workflows';

/** Our workflows as a careless change would leave them: replaying a recorded history must tell. */
export { champion, promotion, scheduledRun, sweep } from '@watchtower/workflows';

const { readRunStatus } = proxyActivities<Pick<RunActivities, 'readRunStatus'>>({
  taskQueue: taskQueues.main,
  startToCloseTimeout: '30s',
});

/** One call added, at the very end. */
export async function pipeline(
  ...[input]: Parameters<typeof ourPipeline>
): Promise<Awaited<ReturnType<typeof ourPipeline>>> {
  const result = await ourPipeline(input);
  await readRunStatus({ run_id: input.run_id });
  return result;
}

/** Another first call in the place of the lease's. */
export async function retrain(
  ...[input]: Parameters<typeof ourRetrain>
): Promise<Awaited<ReturnType<typeof ourRetrain>>> {
  await readRunStatus({ run_id: input.context.run_id });
  return ourRetrain(input);
}
