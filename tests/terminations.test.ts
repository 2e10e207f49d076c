import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createMlflowClient, type MlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { ensureRegisteredModel, readAlias, setAlias } from '@watchtower/activities/mlflow/registry';
import { acceptRun } from '@watchtower/activities/runs/accept-run';
import { openRun } from '@watchtower/activities/runs/open-run';
import {
  digest,
  genesisHash,
  type ModelName,
  modelName,
  parseEnvironment,
  type RunId,
  runId,
  taskQueues,
  windowName,
  workflowIds,
} from '@watchtower/contracts';
import type { promotion } from '@watchtower/workflows';
import { z } from 'zod';
import { type DefinitionChanges, type Lab, openLab, syntheticDefinition } from './lab.ts';
import { type Loss, openProxy, type TcpProxy } from './tcp-proxy.ts';

const minutes = 60_000;
jest.setTimeout(4 * minutes);

let lab: Lab;
let proxy: TcpProxy;
let mlflow: MlflowClient;
/** What is lost between worker and MLflow when an alias is set: each is lost once, or for good. */
const losses = new Map<string, { readonly loss: Loss; readonly times: number }>();

beforeAll(async () => {
  lab = await openLab('terminations', async ({ mlflow: tracking }) => {
    const server = new URL(tracking);
    proxy = await openProxy(server.host);
    server.port = String(proxy.port);
    return { MLFLOW_TRACKING_URI: server.origin };
  });
  proxy.lose(lossOf);
  mlflow = createMlflowClient({
    MLFLOW_TRACKING_URI: lab.stack.mlflow,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  });
});
afterAll(async () => {
  await lab?.close();
  await proxy?.takeDown();
});

function lossOf(request: string): Loss | null {
  if (!request.includes('POST /api/2.0/mlflow/registered-models/alias')) return null;
  for (const [model, { loss, times }] of losses) {
    if (times === 0 || !request.includes(`"name":"${model}"`)) continue;
    losses.set(model, { loss, times: times - 1 });
    return loss;
  }
  return null;
}

const terminate = (workflowId: string) =>
  lab.temporal.workflow.getHandle(workflowId).terminate('somebody pressed the button');

const aliasOf = async (model: string) => (await readAlias(mlflow, model, 'champion'))?.version ?? null;

async function aliasNames(model: string, version: string | undefined): Promise<void> {
  const deadline = Date.now() + 2 * minutes;
  while ((await aliasOf(model)) !== version) {
    if (Date.now() > deadline) throw new Error(`The alias of ${model} does not come to name ${version}.`);
    await sleep(50);
  }
}

async function define(name: string, changes: DefinitionChanges = {}): Promise<ModelName> {
  const model = modelName.parse(name);
  const definition = syntheticDefinition(model, changes);
  expect(await lab.request('POST', '/api/v1/models', { definition })).toMatchObject({ status: 201 });
  return model;
}

/** A version that nobody trained, without files that MLflow could list. */
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

/** A promotion whose run has no pipeline any more. */
async function promoteAlone(model: ModelName, version: string, expected_version: string | null) {
  const run = runId.parse(crypto.randomUUID());
  await acceptRun(lab.database, {
    run_id: run,
    model,
    trigger_source: 'manual',
    dry_run: false,
    data_window_id: windowName.parse('current'),
    triggered_at: new Date().toISOString(),
  });
  await lab.database.run.update({ where: { id: run }, data: { status: 'running' } });
  const context = await openRun(lab.database, parseEnvironment({}), run);
  const evidence_digest = digest.parse('e'.repeat(64));
  const pen = { next: 1, head: genesisHash };
  const handle = await lab.temporal.workflow.start<typeof promotion>('promotion', {
    workflowId: workflowIds.promotion(run),
    taskQueue: taskQueues.main,
    args: [{ context, version, expected_version, evidence_digest, pen }],
  });
  return { run, handle };
}

const promotionOf = (run: RunId) => lab.database.promotion.findUniqueOrThrow({ where: { run_id: run } });

async function waitingRun(model: ModelName): Promise<{ readonly run: RunId; readonly version: string }> {
  const run = await lab.startRun({ model });
  const { training } = await lab.until(run, ({ status }) => status === 'waiting_for_approval');
  return { run, version: training?.version ?? 'none' };
}

/** The steps in order, without a gap, and the log proved. */
async function expectProved(run: RunId): Promise<void> {
  const numbers = (await lab.steps(run)).map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
}

// Most of their time they wait for half a minute until no late write can be on its way: at once, on models of their own.
describe('what is terminated, or loses its answer, takes effect once and is known', () => {
  test.concurrent('an alias that a late write set back is set right, a person’s move is left alone', async () => {
    const late = await promotedTwice('written-late');
    const moved = await promotedTwice('moved-by-a-person');
    const theirs = await newVersion(moved.model);
    await setAlias(mlflow, moved.model, 'champion', theirs);
    await setAlias(mlflow, late.model, 'champion', late.older);
    await aliasNames(late.model, late.newer);
    // Promoted later, it was looked at before the other.
    expect(await aliasOf(moved.model)).toBe(theirs);
    const repair = `Alias champion of ${late.model} named version ${late.older}, an older promotion`;
    while (!lab.worker.output().includes(repair)) await sleep(50);
  });

  test.concurrent('a promotion whose answer is lost is looked at again, and in effect once', async () => {
    const model = await define('lost-answer');
    const version = await newVersion(model);
    losses.set(model, { loss: 'answer', times: 1 });
    const { run, handle } = await promoteAlone(model, version, null);
    expect(await handle.result()).toMatchObject({ status: 'promoted' });
    expect(losses.get(model)).toMatchObject({ times: 0 });
    expect(await aliasOf(model)).toBe(version);
    expect(await promotionOf(run)).toMatchObject({ status: 'promoted', version });
    const names = (await lab.steps(run)).map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(['promotion_intended', 'promotion_settled']);
  });

  test.concurrent('a promotion terminated before its alias was set has failed, and its run says so', async () => {
    const model = await define('before-alias');
    const { run } = await waitingRun(model);
    losses.set(model, { loss: 'request', times: Number.POSITIVE_INFINITY });
    await lab.decide(run, 'approve');
    await lab.step(run, 'promotion_intended');
    await terminate(workflowIds.promotion(run));
    expect(await lab.ended(run)).toMatchObject({
      status: 'failed',
      flags: { retrained: true, promoted: false },
      failure: { message: expect.stringContaining('the alias names version none') },
    });
    expect(await promotionOf(run)).toMatchObject({ status: 'failed' });
    expect(await aliasOf(model)).toBeNull();
    await expectProved(run);
  });

  test.concurrent('a promotion terminated after its alias was set is in effect, and its run says so', async () => {
    const model = await define('after-alias');
    const { run, version } = await waitingRun(model);
    losses.set(model, { loss: 'answer', times: 1 });
    await lab.decide(run, 'approve');
    await aliasNames(model, version);
    await terminate(workflowIds.promotion(run));
    expect(await lab.ended(run)).toMatchObject({
      status: 'completed',
      outcome: 'promoted',
      flags: { promoted: true },
    });
    expect(await promotionOf(run)).toMatchObject({ status: 'promoted', version });
    await expectProved(run);
  });

  test.concurrent('a promotion terminated together with its pipeline is settled by the sweep', async () => {
    const model = await define('left-alone');
    const version = await newVersion(model);
    losses.set(model, { loss: 'answer', times: 1 });
    const { run } = await promoteAlone(model, version, null);
    await aliasNames(model, version);
    await terminate(workflowIds.promotion(run));
    expect(await lab.ended(run)).toMatchObject({
      status: 'failed',
      failure: { code: 'WorkflowLost' },
      flags: { promoted: true },
    });
    expect(await promotionOf(run)).toMatchObject({ status: 'promoted', version });
    const names = (await lab.steps(run)).map(({ name }) => name);
    expect(names).toEqual(['promotion_intended', 'promotion_settled', 'run_closed']);
    await expectProved(run);
  });

  test.concurrent('the keeper of the leases terminated while one is held grants it to nobody else', async () => {
    const model = await define('keeper', { retrain: { command: ['sleep', '60'] } });
    const first = await lab.startRun({ model });
    await lab.step(first, 'training_started');
    await terminate(workflowIds.champion(model));
    const second = await lab.startRun({ model });
    expect(await lab.ended(second)).toMatchObject({ status: 'completed', outcome: 'refused' });
    expect((await lab.step(second, 'training_refused')).message).toContain(first);
    expect(await leaseOf(model)).toMatchObject({ holder: workflowIds.retrain(first) });

    await lab.request('POST', `/pipeline/${first}/cancel`);
    expect(await lab.ended(first)).toMatchObject({ status: 'cancelled' });
    expect(await leaseOf(model)).toBeNull();
  });
});

const leaseOf = async (model: ModelName) =>
  (await lab.database.championLease.findUniqueOrThrow({ where: { model } })).lease;

async function promotedTwice(name: string) {
  const model = await define(name);
  const [older, newer] = [await newVersion(model), await newVersion(model)];
  for (const [version, expected] of [
    [older, null],
    [newer, older],
  ] as const) {
    const { handle } = await promoteAlone(model, version, expected);
    expect(await handle.result()).toMatchObject({ status: 'promoted' });
  }
  return { model, older, newer };
}
