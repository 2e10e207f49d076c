import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { RunContext } from '@watchtower/activities';
import { folderArtifactStore } from '@watchtower/activities/audit/artifact-store';
import { createMlflowActivities } from '@watchtower/activities/mlflow/index';
import { createTrainingActivities } from '@watchtower/activities/training/index';
import {
  type AttemptResult,
  definitionInput,
  digest,
  modelName,
  parseEnvironment,
  resolveDefinition,
  runId,
  type TrainingRequest,
  trainingIdOf,
} from '@watchtower/contracts';
import { createDatabase, type Database } from '@watchtower/database';
import { repositoryRoot } from '@watchtower/stack/repository';
import { pythonImage } from './docker-image.ts';
import { hostileJobs, hostileJobsTable } from './hostile-jobs.ts';
import { syntheticDefinition } from './lab.ts';
import { describeWith, docker } from './optional-parts.ts';
import { connectStack, type StackConnection } from './stack-connection.ts';

const run = promisify(execFile);
const minutes = 60_000;
jest.setTimeout(2 * minutes);

test('the table of hostile jobs is that of the reference', async () => {
  const page = await readFile(join(repositoryRoot, 'docs/reference/hostile-jobs.md'), 'utf8');
  expect(page).toContain(hostileJobsTable());
});

/** A job that leaves what a training without network has to leave. */
const goodJob = `
import json, os
request = json.load(open(os.environ["WATCHTOWER_TRAINING_REQUEST"]))
print("rows in", os.path.getsize(request["data_path"]), "bytes", flush=True)
output = os.environ["WATCHTOWER_OUTPUT_DIR"]
json.dump({"auc": 0.75}, open(f"{output}/metrics.json", "w"))
json.dump({"seed": request["seed"]}, open(f"{output}/params.json", "w"))
os.makedirs(f"{output}/model/data")
open(f"{output}/model/MLmodel", "w").write("flavors: {}\\n")
open(f"{output}/model/data/weights.bin", "wb").write(bytes(200_000))
print(open("installed.txt").read() if os.path.exists("installed.txt") else "nothing installed")
print("environment", sorted(name for name in os.environ if "MLFLOW_T" in name or "KEY" in name))
`;

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

describeWith(docker, 'the trainer docker', () => {
  let stack: StackConnection;
  let database: Database;
  let temporal: Connection;
  let image = '';
  beforeAll(async () => {
    stack = await connectStack();
    database = createDatabase(stack.databaseUrl);
    temporal = Connection.lazy({ address: stack.temporal });
    image = await pythonImage();
    await database.model.create({ data: { name: model, current_version: 1 } });
    await database.modelDefinition.create({
      data: { model, version: 1, definition: {}, digest: 'd'.repeat(64), created_by: 'tests' },
    });
  }, 3 * minutes);
  afterEach(async () => {
    for (const name of opened.splice(0)) await containersOf(name, { remove: true });
  });
  afterAll(async () => {
    await database?.$disconnect();
    await temporal?.close();
    await stack?.close();
  });

  const model = modelName.parse('docker-trainer');
  const opened: string[] = [];

  /** The activities of a worker, which is a new one each time: nothing is remembered but what is stored. */
  function worker() {
    const environment = parseEnvironment({
      ...stack.environment,
      EXECUTION_DOCKER_IMAGE: image,
      EXECUTION_MEMORY_LIMIT: '384m',
      EXECUTION_WORKSPACE_LIMIT: '64m',
    });
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
  async function opening(script: string, retrain: Record<string, unknown> = {}) {
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
      // Any small folder will do for the code.
      definition: { ...definition, base_dir: join(repositoryRoot, 'infra', 'python') },
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

  type Opened = { readonly context: RunContext; readonly request: TrainingRequest };
  const start = ({ context, request }: Opened, attempt = 1) => worker().start({ context, request, attempt });
  const observe = ({ context, request: { training_id } }: Opened, attempt = 1): Promise<AttemptResult> =>
    worker().observe({ context, training_id, attempt });
  async function logOf({ log_artifact }: AttemptResult): Promise<string> {
    return log_artifact === null ? '' : (await worker().artifacts.read(log_artifact)).toString('utf8');
  }

  test('a job without network gets its rows and leaves a model, which is logged into its run', async () => {
    const training = await opening(goodJob, {
      docker: { install: ['sh', '-c', 'echo packages > installed.txt'] },
    });
    expect((await start(training)).place).toMatch(/^container watchtower-training-.*-1 on /);
    const result = await observe(training);
    expect(result).toMatchObject({ attempt: 1, status: 'succeeded', exit_code: 0, failure_code: null });
    const log = await logOf(result);
    expect(log).toMatch(
      /\[watchtower: install\][\s\S]*\[watchtower: train\]\nrows in \d{4,} bytes\npackages/,
    );
    expect(log).toContain('environment []');
    expect(await observe(training)).toEqual(result);
    expect(await containersOf(training.training_id)).toEqual([]);

    const input = {
      training_id: training.training_id,
      attempt: 1,
      mlflow_run_id: training.request.mlflow_run_id,
    };
    const collected = await worker().collect(input);
    expect(collected).toMatchObject({
      metrics: { auc: 0.75 },
      mlflow_run_id: training.request.mlflow_run_id,
    });
    expect(collected.model_source).toMatch(/\/artifacts\/model$/);
    expect(await worker().collect(input)).toEqual(collected);
  });

  test('of two starters one makes the workspace, and a worker that dies is followed by another', async () => {
    const training = await opening('import time; print("one training"); time.sleep(3)');
    await Promise.all([start(training), start(training)]);
    const names = await containersOf(training.training_id);
    expect(names).toEqual([
      `watchtower-${training.training_id}-1`,
      `watchtower-${training.training_id}-1-train`,
    ]);
    const watched = observe(training);
    await sleep(1_000);
    const [first, second] = await Promise.all([watched, observe(training)]);
    expect(first).toMatchObject({ status: 'succeeded', log_tail: 'one training\n' });
    expect(second.log_artifact).toBe(first.log_artifact);
    expect(await logOf(first)).toBe('one training\n');
  });

  test('stopped while it trains, nothing of it is left, and no late start brings it back', async () => {
    const training = await opening('import time; time.sleep(600)');
    await start(training);
    const { training_id } = training;
    expect(await worker().stop({ training_id, trainer: 'docker' })).toEqual({ stopped: 1 });
    expect(await containersOf(training_id)).toEqual([]);
    expect(await observe(training)).toMatchObject({ status: 'cancelled', failure_code: 'TrainingCancelled' });
    await start(training, 2);
    expect(await containersOf(training_id)).toEqual([]);
    expect(await observe(training, 2)).toMatchObject({ status: 'cancelled' });
  });

  test('whose workspace is gone is lost, and the next attempt follows; the janitor clears up behind', async () => {
    const training = await opening('import time; time.sleep(600)');
    await start(training);
    await expect(start(training, 2)).rejects.toMatchObject({ code: 'TrainerNotStarted' });
    await run('docker', ['kill', `watchtower-${training.training_id}-1`]);
    expect(await observe(training)).toMatchObject({ status: 'lost', failure_code: null });
    await start(training, 2);
    expect(await containersOf(training.training_id)).toHaveLength(2);
    await database.training.update({ where: { id: training.training_id }, data: { status: 'failed' } });
    const next = await opening('print("hello")');
    await start(next);
    expect(await containersOf(training.training_id)).toEqual([]);
    expect(await observe(next)).toMatchObject({ status: 'succeeded' });
  });

  test.each([
    ['a command that is not there', { command: ['no-such-program'] }, 'TrainingFailed', /no-such-program/],
    [
      'an install that fails',
      { docker: { install: ['sh', '-c', 'echo no such package; exit 3'] } },
      'TrainingSetupFailed',
      /no such package/,
    ],
    ['silence that lasts', { command: ['sleep', '60'], stuck_after: '1s' }, 'TrainingStuck', /^$/],
  ])('%s ends by its name', async (_, retrain, failure_code, said) => {
    const training = await opening('pass', retrain);
    await start(training);
    const result = await observe(training);
    expect(result).toMatchObject({ status: 'failed', failure_code });
    expect(result.log_tail).toMatch(said);
  });

  test('an image that no registry has is refused by name', async () => {
    const training = await opening('pass', { docker: { image: 'localhost:1/no-such-image:1' } });
    await expect(start(training)).rejects.toMatchObject({ code: expect.stringMatching(/^Trainer/) });
  });

  test.each(hostileJobs)('$name: $stopped_by', async (job) => {
    const training = await opening(job.script, { ...job.retrain });
    await start(training);
    const result = await observe(training);
    const log = await logOf(result);
    expect(`${log}${result.log_tail}`).toMatch(job.shows);
    expect(result).toMatchObject({ status: job.status, failure_code: job.failure_code });
    expect(log.length).toBeLessThan(17 * 1024 ** 2);
    expect(await containersOf(training.training_id)).toEqual([]);
    expect(await processesOfJobs()).toEqual([]);
  });

  async function containersOf(training: string, { remove = false } = {}): Promise<readonly string[]> {
    const filter = ['--filter', `label=watchtower.training_id=${training}`];
    const { stdout } = await run('docker', ['ps', '--all', ...filter, '--format', '{{.Names}}']);
    const names = stdout.split('\n').filter(Boolean).sort();
    if (remove && names.length > 0) await run('docker', ['rm', '--force', ...names]);
    return names;
  }
});

/** Processes of the user that jobs run as. */
async function processesOfJobs(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return /^Uid:\s+10001\s/m.test(status) ? [status.split('\n')[0] ?? pid] : [];
    }),
  );
  return found.flat();
}
