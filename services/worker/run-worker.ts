import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { folderArtifactStore } from '@watchtower/activities/audit/artifact-store';
import { ensureSweepSchedule } from '@watchtower/activities/runs/schedules';
import type { Environment } from '@watchtower/contracts';
import { createDatabase } from '@watchtower/database';
import type { Logger } from 'pino';
import { activitiesByQueue } from './activities.ts';
import { failureInterceptor } from './failure-interceptor.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { workflowBundle } from './workflow-bundle.ts';

/**
 * Serves the task queues of `WORKER_QUEUES` until it is told to stop; then finishes what is under way, within the grace
 * time. No state lives here: killing it loses nothing.
 *
 * @throws where Temporal cannot be reached; whoever runs it starts it again
 */
export async function runWorker(environment: Environment, logger: Logger): Promise<void> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = environment;
  const [connection, native, codePath] = await Promise.all([
    Connection.connect({ address, connectTimeout: '30s' }),
    NativeConnection.connect({ address }),
    workflowBundle(path.resolve(environment.WORKSPACE_BASE_DIR, '..', 'cache')),
  ]);
  const database = createDatabase(environment.DATABASE_URL);
  const temporal = new Client({ connection, namespace });
  const artifacts = folderArtifactStore(environment.ARTIFACT_DIR);
  await ensureSearchAttributes(connection, namespace);

  const queues = activitiesByQueue({ environment, database, artifacts, temporal });
  const workers = await Promise.all(
    environment.WORKER_QUEUES.map((name) => {
      const { taskQueue, concurrency, activities } = queues[name];
      return Worker.create({
        connection: native,
        namespace,
        taskQueue,
        activities: { ...activities },
        ...(name === 'main' && { workflowBundle: { codePath }, maxConcurrentWorkflowTaskExecutions: 40 }),
        maxConcurrentActivityTaskExecutions: concurrency,
        shutdownGraceTime: '10s',
        interceptors: { activity: [failureInterceptor(logger)] },
      });
    }),
  );
  if (environment.WORKER_QUEUES.includes('main')) await ensureSweepSchedule(temporal);
  const running = Promise.all(workers.map((worker) => worker.run()));
  // Whatever LOG_LEVEL says: supervisors wait for this line.
  const always = logger.child({}, { level: 'info' });
  always.info({ queues: environment.WORKER_QUEUES, pid: process.pid }, 'worker ready');
  try {
    await running;
  } finally {
    await Promise.all([connection.close(), native.close(), database.$disconnect()]);
  }
}
