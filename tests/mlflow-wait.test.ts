import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endedRun } from '@watchtower/activities/mlflow/ended-run';
import { createMlflowClient, type MlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { findModel, isComplete, listModelFiles } from '@watchtower/activities/mlflow/model-files';
import {
  createRun,
  ensureExperiment,
  readRun,
  setRunStatus,
  trainingTag,
} from '@watchtower/activities/mlflow/runs';
import { mlflowRun } from '@watchtower/activities/mlflow/shapes';
import { readOutput, uploadOutput } from '@watchtower/activities/mlflow/training-output';
import { runId, type TrainingId, trainingIdOf } from '@watchtower/contracts';
import { z } from 'zod';
import { connectStack, type StackConnection } from './stack-connection.ts';

/** What a trainer may leave in MLflow, in the real one. */
let stack: StackConnection;
let mlflow: MlflowClient;
let ours: string;
let theirs: string;
beforeAll(async () => {
  stack = await connectStack();
  mlflow = createMlflowClient({
    MLFLOW_TRACKING_URI: stack.mlflow,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  });
  [ours, theirs] = await Promise.all([
    ensureExperiment(mlflow, 'mlflow-wait'),
    ensureExperiment(mlflow, 'mlflow-wait, of the trainer'),
  ]);
});
afterAll(() => stack?.close());

/** A training with the run that we opened for it. */
async function opened() {
  const training_id = trainingIdOf(runId.parse(crypto.randomUUID()));
  return { training_id, mlflow_run_id: await tagged(ours, training_id) };
}

const tagged = async (experiment: string, training_id: TrainingId): Promise<string> =>
  (await createRun(mlflow, experiment, 'mlflow-wait', { [trainingTag]: training_id })).info.run_id;

/** Looks at once again, and gives up after half a second. */
const wait = (training: Awaited<ReturnType<typeof opened>>) =>
  endedRun(mlflow, training, { beat: () => undefined, pause: async () => undefined }, 500);

describe('the run of a training that ended', () => {
  test('is ours once it is FINISHED', async () => {
    const training = await opened();
    let looks = 0;
    const found = await endedRun(mlflow, training, {
      beat: () => undefined,
      pause: async () => {
        looks += 1;
        if (looks === 2) await setRunStatus(mlflow, training.mlflow_run_id, 'FINISHED');
      },
    });
    expect(found.info).toMatchObject({ run_id: training.mlflow_run_id, status: 'FINISHED' });
    expect(looks).toBe(2);
  });

  test('is the one that the trainer opened by itself, in another experiment; ours is closed then', async () => {
    const training = await opened();
    const own = await tagged(theirs, training.training_id);
    await setRunStatus(mlflow, own, 'FINISHED');
    expect((await wait(training)).info.run_id).toBe(own);
    const { run } = await mlflow.get('api/2.0/mlflow/runs/get', { run_id: training.mlflow_run_id }, someRun);
    expect(run.info.status).toBe('FINISHED');
  });

  test('is not one that failed beside it', async () => {
    const training = await opened();
    const [failed, own] = [
      await tagged(theirs, training.training_id),
      await tagged(theirs, training.training_id),
    ];
    await setRunStatus(mlflow, failed, 'FAILED');
    await setRunStatus(mlflow, own, 'FINISHED');
    expect((await wait(training)).info.run_id).toBe(own);
  });

  test('is none where several are FINISHED, and they are named', async () => {
    const training = await opened();
    const own = await tagged(theirs, training.training_id);
    for (const id of [own, training.mlflow_run_id]) await setRunStatus(mlflow, id, 'FINISHED');
    const refused = await wait(training).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'MlflowRejected' });
    for (const id of [own, training.mlflow_run_id]) expect(String(refused)).toContain(id);
  });

  test.each(['FAILED', 'KILLED'] as const)('is no result where ours is %s', async (status) => {
    const training = await opened();
    await setRunStatus(mlflow, training.mlflow_run_id, status);
    await expect(wait(training)).rejects.toMatchObject({
      code: 'TrainingFailed',
      message: expect.stringContaining(`${training.mlflow_run_id} is ${status}`),
    });
  });

  test('is waited for no longer than said', async () => {
    await expect(wait(await opened())).rejects.toMatchObject({
      code: 'TrainingFailed',
      message: expect.stringContaining('still RUNNING after 0.5 s'),
    });
  });
});

describe('the model of a run', () => {
  const upload = (path: string, text: string) =>
    mlflow.upload(`api/2.0/mlflow-artifacts/artifacts/${path}`, [Buffer.from(text)]);
  const fileNames = async (run: string) => {
    const { run: read } = await mlflow.get(
      'api/2.0/mlflow/runs/get',
      { run_id: run },
      z.object({ run: mlflowRun }),
    );
    const location = await findModel(mlflow, read);
    const files = location ? await listModelFiles(mlflow, location) : [];
    return { layout: location?.layout, files: files.map(({ path }) => path), complete: isComplete(files) };
  };

  test('is found below the run, as MLflow 2 keeps it', async () => {
    const { mlflow_run_id: run } = await opened();
    await upload(`${ours}/${run}/artifacts/classifier/MLmodel`, 'flavors: {}');
    expect(await fileNames(run)).toMatchObject({ layout: 'run_artifacts', complete: false });
    await upload(`${ours}/${run}/artifacts/classifier/data/weights.bin`, 'weights');
    expect(await fileNames(run)).toEqual({
      layout: 'run_artifacts',
      files: ['MLmodel', 'data/weights.bin'],
      complete: true,
    });
  });

  test('is found apart from the run, as MLflow 3 keeps it, once it is ready', async () => {
    const { mlflow_run_id: run } = await opened();
    const api = 'api/2.0/mlflow';
    const made = { experiment_id: ours, name: 'classifier', source_run_id: run };
    const { model_id, artifact_uri } = (await mlflow.send('POST', `${api}/logged-models`, made, madeModel))
      .model.info;
    const folder = artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
    for (const name of ['MLmodel', 'weights.bin']) await upload(`${folder}/${name}`, name);
    const outputs = { run_id: run, models: [{ model_id, step: 0 }] };
    await mlflow.send('POST', `${api}/runs/outputs`, outputs, anything);
    expect(await fileNames(run)).toMatchObject({ complete: false });
    const ready = { model_id, status: 'LOGGED_MODEL_READY' };
    await mlflow.send('PATCH', `${api}/logged-models/${model_id}`, ready, anything);
    expect(await fileNames(run)).toEqual({
      layout: 'logged_model',
      files: ['MLmodel', 'weights.bin'],
      complete: true,
    });
  });
});

describe('what a job without network left', () => {
  test('is logged whatever MLflow takes in one request, and with the numbers that JSON does not have', async () => {
    const { mlflow_run_id } = await opened();
    const params = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`p${index}`, index]));
    const folder = await mkdtemp(join(tmpdir(), 'watchtower-output-'));
    await mkdir(join(folder, 'model'));
    const files = {
      'metrics.json': '{"loss": NaN, "worst": -Infinity, "auc": 0.75}',
      'params.json': JSON.stringify(params),
      'model/MLmodel': 'flavors: {}',
      'model/weights.bin': 'weights',
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const tar = join(folder, 'output.tar');
    await promisify(execFile)('tar', ['-C', folder, '-cf', tar, ...Object.keys(files)]);
    const output = await readOutput(tar);
    const shown: unknown[] = [];
    const run = await readRun(mlflow, mlflow_run_id);
    await uploadOutput(mlflow, run, { tar, output, at: Date.now() }, (progress) => {
      shown.push(progress);
    });
    expect(shown).toEqual([{ files: 0, bytes: 'weights'.length }]);
    await rm(folder, { recursive: true });
    const logged = await mlflow.get('api/2.0/mlflow/runs/get', { run_id: mlflow_run_id }, loggedRun);
    expect(logged.run.info.status).toBe('FINISHED');
    expect(logged.run.data.params).toHaveLength(150);
    const metrics = Object.fromEntries(logged.run.data.metrics.map(({ key, value }) => [key, value]));
    expect(metrics).toMatchObject({ auc: 0.75, loss: 'NaN' });
  });
});

const loggedRun = z.object({
  run: mlflowRun.extend({
    data: z.object({
      params: z.array(z.unknown()),
      metrics: z.array(z.object({ key: z.string(), value: z.unknown() })),
    }),
  }),
});
const anything = z.looseObject({});
const someRun = z.object({ run: z.object({ info: z.object({ status: z.string() }) }) });
const madeModel = z.object({
  model: z.object({ info: z.object({ model_id: z.string(), artifact_uri: z.string() }) }),
});
