import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { recordSteps } from '@watchtower/activities/audit/record';
import { loadChampion, readCoolDown, saveChampion } from '@watchtower/activities/leases/lease-row';
import { createMlflowClient, type MlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { readWatchedChampion } from '@watchtower/activities/mlflow/read-champion';
import { ensureRegisteredModel, readAlias, setAlias } from '@watchtower/activities/mlflow/registry';
import type { AliasRegistry } from '@watchtower/activities/runs/alias-registry';
import { readTraining } from '@watchtower/activities/runs/read-training';
import { settlePromotion } from '@watchtower/activities/runs/settle-promotion';
import { findStrays } from '@watchtower/activities/runs/sweep/find-strays';
import { repairAliases } from '@watchtower/activities/runs/sweep/repair-aliases';
import { databaseLedger } from '@watchtower/activities/training/attempt-ledger';
import {
  recordEnd,
  recordOpening,
  recordStart,
  recordStop,
} from '@watchtower/activities/training/attempt-rows';
import {
  type AttemptResult,
  type ChampionState,
  digest,
  type JsonObject,
  type Lease,
  type ModelName,
  modelName,
  type RunId,
  type RunStatus,
  runId,
  type StepKind,
  trainingIdOf,
  workflowIds,
} from '@watchtower/contracts';
import { createDatabase, type Database } from '@watchtower/database';
import { z } from 'zod';
import { connectStack, type StackConnection } from './stack-connection.ts';

/** What activities write and compare in Postgres, and read beside it in MLflow: both real, no worker. */

jest.setTimeout(60_000);

let stack: StackConnection;
let database: Database;
let mlflow: MlflowClient;
let registry: AliasRegistry;
beforeAll(async () => {
  stack = await connectStack();
  database = createDatabase(stack.databaseUrl);
  mlflow = mlflowAt(stack.mlflow);
  registry = registryOf(mlflow);
});
afterAll(async () => {
  await database?.$disconnect();
  await stack?.close();
});

const mlflowAt = (uri: string) =>
  createMlflowClient({
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  });

const registryOf = (client: MlflowClient): AliasRegistry => ({
  aliasVersion: async (name, alias) => (await readAlias(client, name, alias))?.version ?? null,
  setAlias: (name, alias, version) => setAlias(client, name, alias, version),
});

async function newModel(name: string): Promise<ModelName> {
  const model = modelName.parse(name);
  await database.model.create({ data: { name: model, current_version: 1 } });
  await database.modelDefinition.create({
    data: { model, version: 1, definition: {}, digest: 'd'.repeat(64), created_by: 'tests' },
  });
  return model;
}

async function newRun(model: ModelName, status: RunStatus, triggered_at = new Date()): Promise<RunId> {
  const id = runId.parse(crypto.randomUUID());
  await database.run.create({
    data: {
      id,
      model,
      definition_version: 1,
      status,
      trigger_source: 'manual',
      dry_run: false,
      data_window_id: 'current',
      request_digest: 'd'.repeat(64),
      triggered_at,
    },
  });
  return id;
}

async function newTraining(model: ModelName, run: RunId): Promise<ReturnType<typeof trainingIdOf>> {
  const id = trainingIdOf(run);
  const about = { model, trainer: 'process', request: {}, mlflow_run_id: 'none', status: 'opened' };
  await database.training.create({ data: { id, run_id: run, ...about } });
  return id;
}

async function newVersion(model: ModelName): Promise<string> {
  await ensureRegisteredModel(mlflow, model);
  const { model_version } = await mlflow.send(
    'POST',
    'api/2.0/mlflow/model-versions/create',
    { name: model, source: 's3://elsewhere/model' },
    z.object({ model_version: z.object({ version: z.string() }) }),
  );
  return model_version.version;
}

/** A promotion of a run of its own, so many minutes ago. */
async function newPromotion(
  model: ModelName,
  version: string,
  { status, minutesAgo = 0, previous = null }: NewPromotion,
): Promise<RunId> {
  const run_id = await newRun(model, 'running');
  const at = new Date(Date.now() - minutesAgo * 60_000);
  await database.promotion.create({
    data: {
      run_id,
      model,
      registered_model: model,
      alias: 'champion',
      version,
      previous_version: previous,
      status,
      intended_at: at,
      settled_at: status === 'intended' ? null : at,
    },
  });
  return run_id;
}
interface NewPromotion {
  readonly status: 'intended' | 'promoted' | 'superseded' | 'failed';
  readonly minutesAgo?: number;
  readonly previous?: string | null;
}

let written = 0;
async function write(run: RunId, kind: StepKind, name: string, payload: JsonObject): Promise<void> {
  written += 1;
  const { head_number } = await database.run.findUniqueOrThrow({ where: { id: run } });
  const at = new Date().toISOString();
  await recordSteps(
    database,
    { workflow_id: workflowIds.retrain(run), workflow_run_id: 'r', activity_id: String(written) },
    { run_id: run, steps: [{ number: head_number + 1, kind, name, message: name, payload, at }] },
  );
}

const minute = () => ({ now: Date.now(), until: Date.now() + 60_000 });

describe('the row of the leases', () => {
  const leaseOf = (run: RunId): Lease => ({
    purpose: 'retrain',
    holder: workflowIds.retrain(run),
    run_id: run,
    since: '2026-01-01T00:00:00.000Z',
  });
  const held = (run: RunId): ChampionState => ({ lease: leaseOf(run), cool_down_until: null });
  const [one, other] = [runId.parse(crypto.randomUUID()), runId.parse(crypto.randomUUID())];

  test('is written by whoever knows its epoch, and by nobody else', async () => {
    const model = modelName.parse('lease-epochs');
    expect(await loadChampion(database, model)).toEqual({ epoch: 0, lease: null, cool_down_until: null });
    expect(await saveChampion(database, model, held(one), 0)).toBe(true);
    expect(await saveChampion(database, model, held(other), 0)).toBe(false);
    expect(await loadChampion(database, model)).toEqual({ epoch: 1, ...held(one) });
    const free = { lease: null, cool_down_until: '2026-01-02T00:00:00.000Z' };
    expect(await saveChampion(database, model, free, 1)).toBe(true);
    expect(await saveChampion(database, model, held(other), 1)).toBe(false);
    expect(await loadChampion(database, model)).toEqual({ epoch: 2, ...free });
  });

  test('written again by a retry is the same write', async () => {
    const model = modelName.parse('lease-retries');
    for (const _ of ['first', 'again']) {
      expect(await saveChampion(database, model, held(one), 0)).toBe(true);
    }
    expect(await loadChampion(database, model)).toMatchObject({ epoch: 1 });
  });

  test('of many at once grants the lease to one', async () => {
    const model = modelName.parse('lease-race');
    await saveChampion(database, model, { lease: null, cool_down_until: null }, 0);
    const runs = Array.from({ length: 12 }, () => runId.parse(crypto.randomUUID()));
    const granted = await Promise.all(runs.map((run) => saveChampion(database, model, held(run), 1)));
    expect(granted.filter(Boolean)).toHaveLength(1);
    const { lease } = await loadChampion(database, model);
    expect(lease?.run_id).toBe(runs[granted.indexOf(true)]);
  });

  test('tells a run of the cool-down, except one that has its training already', async () => {
    const model = await newModel('cooling-down');
    const cool_down_until = '2099-01-01T00:00:00.000Z';
    await saveChampion(database, model, { lease: null, cool_down_until }, 0);
    const run = await newRun(model, 'running');
    expect(await readCoolDown(database, model, run)).toEqual({ cool_down_until });
    await newTraining(model, run);
    expect(await readCoolDown(database, model, run)).toEqual({ cool_down_until: null });
  });
});

describe('the row of an attempt', () => {
  const handle = { trainer: 'process', host: 'here', pid: 7, started_at: new Date().toISOString() } as const;
  const cancelled = { status: 'cancelled', ended_at: expect.any(Date) };
  const end: AttemptResult = {
    attempt: 1,
    status: 'succeeded',
    exit_code: 0,
    log_tail: '',
    log_artifact: digest.parse('a'.repeat(64)),
    failure_code: null,
    seconds: 1,
    output_artifact: null,
  };

  async function opened(name: string) {
    const model = await newModel(name);
    const training_id = await newTraining(model, await newRun(model, 'running'));
    const row = () => database.trainingAttempt.findFirstOrThrow({ where: { training_id } });
    return { key: { training_id, attempt: 1 }, row };
  }

  test('goes from starting to running to its end, however often each is written', async () => {
    const { key, row } = await opened('attempt-ends');
    for (const _ of ['first', 'again']) await recordOpening(database, key);
    expect(await row()).toMatchObject({ status: 'starting' });
    for (const _ of ['first', 'again']) await recordStart(database, key, handle);
    expect(await row()).toMatchObject({ status: 'running', handle });
    await recordEnd(database, key, end);
    await recordOpening(database, key);
    await recordStart(database, key, handle);
    expect(await row()).toMatchObject({ status: 'succeeded' });
  });

  test('keeps the first end of two observers, and tells it to both', async () => {
    const { key, row } = await opened('attempt-watched-twice');
    await recordOpening(database, key);
    expect(await recordEnd(database, key, end)).toEqual(end);
    // All of it was cleared away when the second came to look.
    const late = { ...end, status: 'lost', exit_code: null, log_artifact: null } as const;
    expect(await recordEnd(database, key, late)).toEqual(end);
    expect(await row()).toMatchObject({ status: 'succeeded', log_artifact: end.log_artifact });
  });

  test('that was stopped, or about to be, still takes its end', async () => {
    const { key, row } = await opened('attempt-ends-stopped');
    await recordOpening(database, key);
    await databaseLedger(database).noteStop(key, 'TrainingStuck');
    await recordStop(database, key.training_id);
    const stopped = { ...end, status: 'failed', failure_code: 'TrainingStuck' } as const;
    expect(await recordEnd(database, key, stopped)).toEqual(stopped);
    expect(await row()).toMatchObject({ status: 'failed', log_artifact: end.log_artifact });
  });

  test('that was stopped while it was being started does not come to run', async () => {
    const { key, row } = await opened('attempt-stopped');
    await recordOpening(database, key);
    await recordStop(database, key.training_id);
    await recordStart(database, key, handle);
    expect(await row()).toMatchObject(cancelled);
  });

  test('that was given up before it began is none that runs', async () => {
    const { key, row } = await opened('attempt-given-up');
    await recordStop(database, key.training_id);
    await recordOpening(database, key);
    await recordStart(database, key, null);
    expect(await row()).toMatchObject(cancelled);
  });
});

describe('what the log says of a training', () => {
  test('is what was settled last, refusals included', async () => {
    const run = await newRun(await newModel('settled-trainings'), 'running');
    expect(await readTraining(database, run)).toBeNull();
    await write(run, 'intent', 'training_intended', {});
    expect(await readTraining(database, run)).toBeNull();
    await write(run, 'status', 'training_refused', { status: 'busy', reason: 'busy', detail: 'Held.' });
    expect(await readTraining(database, run)).toEqual({ status: 'refused', reason: 'busy', detail: 'Held.' });
    const failure = { code: 'TrainingStuck', message: 'No line for an hour.' };
    await write(run, 'outcome', 'training_settled', { status: 'failed', failure });
    expect(await readTraining(database, run)).toEqual({ status: 'failed', failure });
    const settled = { status: 'succeeded', version: '3', metrics: { loss: 0.5 } };
    await write(run, 'outcome', 'training_settled', { ...settled, attempt: 2, seconds: 9 });
    expect(await readTraining(database, run)).toEqual({ ...settled, attempts: 2 });
  });
});

describe('looking for strays', () => {
  let model: ModelName;
  const open = new Set<string>();
  const looked: string[] = [];
  const client = {
    workflow: {
      getHandle: (id: string) => ({
        describe: async () => {
          looked.push(id);
          if (id.startsWith('pipeline/'))
            return { status: { name: open.has(id) ? 'RUNNING' : 'TERMINATED' } };
          throw new WorkflowNotFoundError('not found', id, undefined);
        },
      }),
    },
  };
  beforeAll(async () => {
    model = await newModel('strays');
    await database.promotion.deleteMany();
    await database.trainingAttempt.deleteMany();
    await database.training.deleteMany();
    await database.run.updateMany({ data: { status: 'failed' } });
  });

  test('reaches every open run, oldest first, though many more wait than are read at once', async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    for (let count = 0; count < 130; count += 1) {
      // Several at one instant: none of them is skipped.
      const run = await newRun(model, 'waiting_for_approval', hoursAgo(40 - Math.floor(count / 50)));
      open.add(workflowIds.pipeline(run));
    }
    const youngest = await newRun(model, 'running', hoursAgo(1));
    await newRun(model, 'running');

    const exhausted = { now: Date.now(), until: Date.now() - 1 };
    const first = await findStrays(client, database, exhausted, null);
    expect(first).toMatchObject({ strays: [], errors: [], next: { run_id: expect.any(String) } });
    expect(looked).toHaveLength(100);
    const second = await findStrays(client, database, exhausted, first.next);
    expect(second).toMatchObject({
      strays: [{ run_id: youngest, failure: { code: 'WorkflowTerminated' } }],
      next: null,
    });
    expect(new Set(looked.filter((id) => id.startsWith('pipeline/'))).size).toBe(131);

    expect((await findStrays(client, database, minute(), null)).strays).toHaveLength(1);
  });

  test('tells what a stray left open', async () => {
    const run = await newPromotion(model, '1', { status: 'intended' });
    await database.run.update({ where: { id: run }, data: { triggered_at: new Date(Date.now() - 10_000) } });
    const training_id = await newTraining(model, run);
    const { strays } = await findStrays(client, database, minute(), null);
    expect(strays.find(({ run_id }) => run_id === run)).toMatchObject({
      open_promotion: true,
      open_training: { training_id, trainer: 'process' },
    });
  });
});

describe('a promotion that nobody wrote the outcome of', () => {
  test('is in effect where the alias names its version, and has failed where it does not', async () => {
    const model = await newModel('settled-promotions');
    const [ours, theirs] = [await newVersion(model), await newVersion(model)];
    const run = await newPromotion(model, ours, { status: 'intended' });
    const settled = () => settlePromotion(registry, database, run);
    expect(await settled()).toMatchObject({ unwritten: true, promotion: { status: 'failed' } });
    await setAlias(mlflow, model, 'champion', theirs);
    expect(await settled()).toMatchObject({
      unwritten: true,
      promotion: { status: 'failed', detail: expect.stringContaining(`names version ${theirs}`) },
    });
    await setAlias(mlflow, model, 'champion', ours);
    expect(await settled()).toMatchObject({
      unwritten: true,
      promotion: { status: 'promoted', version: ours },
    });
    // Read only.
    expect(await database.promotion.findUnique({ where: { run_id: run } })).toMatchObject({
      status: 'intended',
    });
  });

  test('is not settled while MLflow cannot be asked', async () => {
    const run = await newPromotion(await newModel('unreachable'), '1', { status: 'intended' });
    const away = registryOf(mlflowAt('http://127.0.0.1:9'));
    await expect(settlePromotion(away, database, run)).rejects.toMatchObject({
      code: 'MlflowUnavailable',
      retryable: true,
    });
  });

  test('is told apart from one that was settled, and from none', async () => {
    const model = await newModel('written-promotions');
    expect(await settlePromotion(registry, database, await newRun(model, 'running'))).toBeNull();
    const run = await newPromotion(model, '1', { status: 'superseded' });
    expect(await settlePromotion(registry, database, run)).toMatchObject({
      unwritten: false,
      promotion: { status: 'superseded' },
    });
  });
});

describe('an alias after a promotion', () => {
  async function promoted(name: string, newest: Partial<NewPromotion> = {}) {
    const model = await newModel(name);
    const [older, newer, theirs] = [
      await newVersion(model),
      await newVersion(model),
      await newVersion(model),
    ];
    await newPromotion(model, older, { status: 'promoted', minutesAgo: 60 });
    await newPromotion(model, newer, { status: 'promoted', ...newest });
    return { model, older, newer, theirs };
  }
  const alias = (model: string) => registry.aliasVersion(model, 'champion');
  const repair = () => repairAliases(registry, database, minute());

  test('that names an older promotion of ours is set right, and that is told', async () => {
    const { model, older, newer } = await promoted('alias-late');
    await setAlias(mlflow, model, 'champion', older);
    expect(await repair()).toEqual({
      repaired: [expect.stringContaining(`Alias champion of ${model} named version ${older}`)],
      errors: [],
    });
    expect(await alias(model)).toBe(newer);
    expect(await repair()).toEqual({ repaired: [], errors: [] });
  });

  test('that a person moved, or removed, is left alone', async () => {
    const moved = await promoted('alias-moved');
    await setAlias(mlflow, moved.model, 'champion', moved.theirs);
    await promoted('alias-removed');
    expect(await repair()).toEqual({ repaired: [], errors: [] });
    expect(await alias(moved.model)).toBe(moved.theirs);
  });

  test('that was set back after ten minutes was set back by a person', async () => {
    const { model, older } = await promoted('alias-rolled-back', { minutesAgo: 11 });
    await setAlias(mlflow, model, 'champion', older);
    expect(await repair()).toEqual({ repaired: [], errors: [] });
    expect(await alias(model)).toBe(older);
  });

  test('is not touched while another promotion is under way', async () => {
    const { model, older, theirs } = await promoted('alias-busy');
    await newPromotion(model, theirs, { status: 'intended' });
    await setAlias(mlflow, model, 'champion', older);
    expect(await repair()).toEqual({ repaired: [], errors: [] });
    expect(await alias(model)).toBe(older);
  });
});

describe('the champion a run is compared with', () => {
  test('is the one it replaced, where its own promotion is in effect already', async () => {
    const model = await newModel('watched-champion');
    const [before, after] = [await newVersion(model), await newVersion(model)];
    const run = await newPromotion(model, after, { status: 'promoted', previous: before });
    const other = await newRun(model, 'running');
    const watched = (run_id: RunId) =>
      readWatchedChampion(database, mlflow, { run_id, registered_model: model, alias: 'champion' });
    expect(await watched(run)).toBeNull();
    await setAlias(mlflow, model, 'champion', after);
    expect(await watched(run)).toMatchObject({ version: before });
    expect(await watched(other)).toMatchObject({ version: after });
    await database.promotion.update({ where: { run_id: run }, data: { previous_version: null } });
    expect(await watched(run)).toBeNull();
  });
});
