import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { RunContext } from '@watchtower/activities';
import { folderArtifactStore } from '@watchtower/activities/audit/artifact-store';
import { createMlflowActivities } from '@watchtower/activities/mlflow/index';
import { databaseLedger } from '@watchtower/activities/training/attempt-ledger';
import { createDockerTrainer } from '@watchtower/activities/training/docker/index';
import { createTrainingActivities } from '@watchtower/activities/training/index';
import {
  type AttemptResult,
  definitionInput,
  digest,
  type ModelName,
  modelName,
  parseEnvironment,
  resolveDefinition,
  runId,
  type TrainingId,
  type TrainingRequest,
  trainingIdOf,
} from '@watchtower/contracts';
import { createDatabase } from '@watchtower/database';
import { repositoryRoot } from '@watchtower/stack/repository';
import { pythonImage } from './docker-image.ts';
import { syntheticDefinition } from './lab.ts';
import { connectStack } from './stack-connection.ts';

/** Any small folder will do for the code. */
const someFolder = join(repositoryRoot, 'infra', 'python');

const reasoner = {
  name: 'policy',
  model_id: null,
  base_url: null,
  max_turns: 20,
  token_budget: 1000,
  cost_budget: null,
  timeout_seconds: 60,
  max_output_tokens: 1000,
  price: null,
} as const;

export interface OpenedTraining {
  readonly context: RunContext;
  readonly training_id: TrainingId;
  readonly request: TrainingRequest;
}

export type DockerLab = Awaited<ReturnType<typeof openDockerLab>>;

/**
 * The training activities on a real engine, without workflows: trainings of small pieces of Python, in the tests' own image.
 *
 * @param name of the model, one for each test file
 * @param variables over the worker's environment
 */
export async function openDockerLab(name: string, variables: Readonly<Record<string, string>> = {}) {
  const model: ModelName = modelName.parse(name);
  const opened: TrainingId[] = [];
  const stack = await connectStack();
  const database = createDatabase(stack.databaseUrl);
  const temporal = Connection.lazy({ address: stack.temporal });
  const image = await pythonImage();
  await database.model.create({ data: { name: model, current_version: 1 } });
  await database.modelDefinition.create({
    data: { model, version: 1, definition: {}, digest: 'd'.repeat(64), created_by: 'tests' },
  });

  const environment = parseEnvironment({
    ...stack.environment,
    EXECUTION_DOCKER_IMAGE: image,
    EXECUTION_MEMORY_LIMIT: '384m',
    EXECUTION_WORKSPACE_LIMIT: '64m',
    ...variables,
  });
  /** The activities of a worker, which is a new one each time: nothing is remembered but what is stored. */
  function worker() {
    const context = {
      environment,
      database,
      artifacts: folderArtifactStore(environment.ARTIFACT_DIR),
      temporal: new Client({ connection: temporal }),
    };
    const training = createTrainingActivities(context);
    const mlflow = createMlflowActivities(context);
    const inActivity = <Output>(act: () => Promise<Output>): Promise<Output> =>
      new MockActivityEnvironment().run(act);
    type Input<Act extends (input: never) => unknown> = Parameters<Act>[0];
    return {
      artifacts: context.artifacts,
      trainer: createDockerTrainer(environment, databaseLedger(database)),
      open: (input: Input<typeof mlflow.openTraining>) => inActivity(() => mlflow.openTraining(input)),
      start: (input: Input<typeof training.startAttempt>) => inActivity(() => training.startAttempt(input)),
      observe: (input: Input<typeof training.observeAttempt>) =>
        inActivity(() => training.observeAttempt(input)),
      stop: (input: Input<typeof training.stopTraining>) => inActivity(() => training.stopTraining(input)),
      collect: (input: Input<typeof mlflow.collectTraining>) =>
        inActivity(() => mlflow.collectTraining(input)),
    };
  }

  /** A training by a piece of Python, opened and not begun. */
  async function opening(
    script: string,
    { base_dir = someFolder, ...retrain }: Record<string, unknown> & { readonly base_dir?: string } = {},
  ): Promise<OpenedTraining> {
    const run_id = runId.parse(crypto.randomUUID());
    const training_id = trainingIdOf(run_id);
    const written = syntheticDefinition(model, {
      retrain: {
        trainer: 'docker',
        command: ['{python}', '-c', script],
        timeout: '60s',
        stuck_after: '60s',
        ...retrain,
      },
    });
    const definition = resolveDefinition(definitionInput.parse(written), {
      task: 'binary_classification',
      shareThreshold: 0.2,
      minImprovement: 0,
    });
    const context: RunContext = {
      run_id,
      model,
      definition: { ...definition, base_dir },
      definition_version: 1,
      definition_digest: digest.parse('d'.repeat(64)),
      policy_version: 'test',
      dry_run: false,
      trigger_source: 'manual',
      triggered_at: '2026-05-01T00:00:00.000Z',
      current_window: { from: '2026-03-01T00:00:00.000Z', to: '2026-05-01T00:00:00.000Z' },
      reference_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' },
      split_at: '2026-04-15T00:00:00.000Z',
      reasoner,
    };
    await database.run.create({
      data: {
        id: run_id,
        model,
        definition_version: 1,
        status: 'running',
        trigger_source: 'manual',
        dry_run: false,
        data_window_id: 'current',
        request_digest: 'd'.repeat(64),
        triggered_at: new Date(),
      },
    });
    opened.push(training_id);
    const { request } = await worker().open({
      context,
      training_id,
      plan: { reason: 'test', strategy: 'full_retrain' },
      data_window: { from: '2026-03-01T00:00:00.000Z', to: '2026-04-15T00:00:00.000Z' },
    });
    return { context, training_id, request };
  }

  return {
    database,
    environment,
    image,
    opening,
    worker,
    start: ({ context, request }: OpenedTraining, attempt = 1) =>
      worker().start({ context, request, attempt }),
    observe: ({ context, training_id }: OpenedTraining, attempt = 1): Promise<AttemptResult> =>
      worker().observe({ context, training_id, attempt }),
    collect: ({ training_id, request: { mlflow_run_id } }: OpenedTraining, attempt = 1) =>
      worker().collect({ training_id, attempt, mlflow_run_id }),
    logOf: async ({ log_artifact }: AttemptResult): Promise<string> =>
      log_artifact === null ? '' : (await worker().artifacts.read(log_artifact)).toString('utf8'),
    close: async () => {
      await Promise.all(opened.map((training_id) => worker().stop({ training_id, trainer: 'docker' })));
      await database.$disconnect();
      await temporal.close();
      await stack.close();
    },
  };
}
