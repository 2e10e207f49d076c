import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { definitionInput, parseEnvironment, resolveDefinition, runId } from '@watchtower/contracts';
import { downloadModel } from './download-model.ts';

const password = 'a-password-of-mlflow';
const expected = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
const absent = {
  error_code: 'RESOURCE_DOES_NOT_EXIST',
  message: 'Model Version (name=m, version=7) not found',
};
const api = '/api/2.0/mlflow';

let folder = '';
let server: Server | undefined;
let url = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'download-model-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** An MLflow that asks for the password; `null` is never answered. */
async function serve(answers: Readonly<Record<string, string | object | null>>): Promise<void> {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://mlflow');
    const answer = pathname in answers ? answers[pathname] : absent;
    if (answer === null) return;
    if (request.headers.authorization !== expected) response.writeHead(401).end('Who are you?');
    else if (answer === absent) response.writeHead(404).end(JSON.stringify(absent));
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

const version = {
  [`${api}/model-versions/get`]: { model_version: { name: 'm', version: '7', source: 'models:/m-1' } },
};
const listing = `${api}/logged-models/m-1/artifacts/directories`;
const two = [
  { path: 'MLmodel', is_dir: false, file_size: '5' },
  { path: 'model.pkl', is_dir: false, file_size: '5' },
];
const whole = {
  ...version,
  [listing]: { files: two },
  '/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files': 'bytes',
};

interface Told {
  readonly password?: string;
  readonly timeout?: string;
  readonly signal?: AbortSignal;
}
const lines: string[] = [];
/** With a Python that does not exist: whoever starts one fails. */
function download({
  password: told = password,
  timeout = '1m',
  signal = new AbortController().signal,
}: Told = {}) {
  lines.length = 0;
  const definition = resolveDefinition(
    definitionInput.parse({
      version: 1,
      model: 'm',
      base_dir: folder,
      data: { source: { type: 'synthetic', seed: 7 }, time_column: 'time', target: 'y' },
      windows: {
        reference: { from: '2026-01-01', to: '2026-02-01' },
        current: { from: '2026-02-01', to: '2026-03-01' },
      },
      retrain: { command: ['true'] },
      evaluate: { primary_metric: 'roc_auc', timeout },
    }),
    { task: 'binary_classification', shareThreshold: 0.2, minImprovement: 0.005 },
  );
  return downloadModel(
    {
      environment: parseEnvironment({
        MLFLOW_TRACKING_URI: url,
        MLFLOW_TRACKING_USERNAME: 'ada',
        MLFLOW_TRACKING_PASSWORD: told,
      }),
      definition,
      run_id: runId.parse('01890000-0000-7000-8000-000000000001'),
      version: { registered_model: 'm', version: '7' },
      rows: path.join(folder, 'rows.parquet'),
      progress: { signal, line: (line) => lines.push(line) },
    },
    { python: path.join(folder, 'no-such-python'), folder },
  );
}

describe('downloading a model', () => {
  test('is the worker’s own work, and says how far it is', async () => {
    await serve(whole);
    await download();
    expect(await readFile(path.join(folder, 'model', 'model.pkl'), 'utf8')).toBe('bytes');
    expect(await readdir(folder)).toEqual(['model']);
    expect(lines.at(-1)).toBe('downloading file 2 of 2: 0.0 MB so far');
  });

  test('is left to Python where MLflow cannot list the files', async () => {
    await serve({
      [`${api}/model-versions/get`]: { model_version: { name: 'm', version: '7', source: 's3://bucket/m' } },
    });
    await expect(download()).rejects.toMatchObject({
      code: 'ScoringFailed',
      message: expect.stringContaining('no-such-python'),
    });
  });

  test.each([
    ['no such version', {}, 'ScoringFailed', /Version 7 of m is not in MLflow: .*not found/],
    ['no files', version, 'ModelFilesMissing', /models:\/m-1 lacks its MLmodel/],
    [
      'no MLmodel',
      { ...whole, [listing]: { files: two.slice(1) } },
      'ModelFilesMissing',
      /lacks its MLmodel/,
    ],
  ])('fails for good where MLflow has %s', async (_, answers, code, message) => {
    await serve(answers);
    await expect(download()).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringMatching(message),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('is tried again where MLflow is gone', async () => {
    await serve(whole);
    server?.close();
    await expect(download()).rejects.toMatchObject({ code: 'MlflowUnavailable', retryable: true });
  });

  test('with a wrong password is refused without telling it', async () => {
    await serve(whole);
    const error = await download({ password: 'not-the-password' }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'MlflowRejected', message: expect.stringContaining('401') });
    const basic = Buffer.from('ada:not-the-password').toString('base64');
    for (const secret of ['not-the-password', basic]) expect(JSON.stringify(error)).not.toContain(secret);
  });

  test('takes no longer than a scoring may', async () => {
    await serve({ ...version, [listing]: null });
    await expect(download({ timeout: '1s' })).rejects.toMatchObject({
      code: 'ScoringFailed',
      message: expect.stringContaining('evaluate.timeout'),
    });
  });

  test('stops when cancelled, with the cancellation’s reason', async () => {
    await serve({ ...version, [listing]: null });
    const controller = new AbortController();
    const cancelled = new Error('cancelled');
    setTimeout(() => controller.abort(cancelled), 100);
    await expect(download({ signal: controller.signal })).rejects.toBe(cancelled);
  });
});
