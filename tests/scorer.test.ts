import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportRows, readValues } from '@watchtower/activities/data/index';
import { scoreRows } from '@watchtower/activities/evaluation/score-rows';
import {
  definitionInput,
  type ModelDefinition,
  parseEnvironment,
  resolveDefinition,
  runId,
} from '@watchtower/contracts';
import { z } from 'zod';
import { syntheticDefinition } from './lab.ts';
import { connectStack, type StackConnection } from './stack-connection.ts';

const minutes = 60_000;
jest.setTimeout(3 * minutes);

const password = 'a-password-of-mlflow';
const seenShape = z.object({
  began_with: z.record(z.string(), z.string()),
  now: z.record(z.string(), z.string()),
  columns: z.array(z.string()),
  path: z.array(z.string()),
});

let stack: StackConnection;
let guarded: { readonly server: Server; readonly url: string; readonly authorizations: Set<string> };
let definition: ModelDefinition;
beforeAll(async () => {
  stack = await connectStack();
  guarded = await guardedMlflow(stack.mlflow);
  definition = resolveDefinition(definitionInput.parse(syntheticDefinition('telltale', {})), {
    task: 'binary_classification',
    shareThreshold: 0.2,
    minImprovement: 0.005,
  });
  await promisify(execFile)(stack.environment.PYTHON ?? 'python3', ['telltale_model.py', 'telltale'], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, MLFLOW_TRACKING_URI: stack.mlflow },
  });
});
afterAll(async () => {
  guarded?.server.close();
  await stack?.close();
});

/** MLflow behind a door that asks for the password, and writes down what was shown at it. */
async function guardedMlflow(mlflow: string) {
  const authorizations = new Set<string>();
  const expected = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    const { authorization = '' } = incoming.headers;
    authorizations.add(authorization);
    if (authorization !== expected) {
      outgoing.writeHead(401).end('{"error_code": "UNAUTHENTICATED", "message": "Who are you?"}');
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const behind = request(new URL(url, mlflow), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    behind.on('error', () => outgoing.destroy());
    incoming.pipe(behind);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The door has no port.');
  return { server, url: `http://127.0.0.1:${address.port}`, authorizations };
}

/** Scores a week of rows, and hands over the folder it was done in while it is there. */
async function scoreWeek<Result>(
  variables: Readonly<Record<string, string>>,
  use: (predictions: string) => Promise<Result>,
): Promise<Result> {
  const rows = join(stack.workspaces, 'week.parquet');
  const window = { from: '2026-04-15T00:00:00.000Z', to: '2026-04-22T00:00:00.000Z' };
  await exportRows(definition, window, rows, { labelledOnly: true });
  return scoreRows(
    {
      environment: parseEnvironment({ ...stack.environment, ...variables }),
      definition,
      run_id: runId.parse('01890000-0000-7000-8000-000000000001'),
      version: { registered_model: 'telltale', version: '1' },
      rows,
      progress: { signal: new AbortController().signal, line: () => undefined },
    },
    use,
  );
}

describe('a model that looks around while it is scored', () => {
  test('finds no credentials, although its files were fetched with them', async () => {
    const variables = {
      MLFLOW_TRACKING_URI: guarded.url,
      MLFLOW_TRACKING_USERNAME: 'ada',
      MLFLOW_TRACKING_PASSWORD: password,
    };
    const { seen, predictions } = await scoreWeek(variables, async (file) => ({
      seen: seenShape.parse(JSON.parse(await readFile(join(dirname(file), 'seen.json'), 'utf8'))),
      predictions: (await readValues(file, ['prediction'])).get('prediction'),
    }));
    expect(guarded.authorizations.size).toBe(1);
    for (const environment of [seen.began_with, seen.now]) {
      expect(Object.keys(environment).filter((name) => /^MLFLOW_(TRACKING|REGISTRY)/.test(name))).toEqual([]);
      const values = Object.values(environment).join('\n');
      for (const secret of [password, 'ada', guarded.url, stack.apiKey, stack.databaseUrl]) {
        expect(values).not.toContain(secret);
      }
    }
    expect(Object.keys(seen.began_with).toSorted()).toEqual([
      'HOME',
      'LANG',
      'MLFLOW_DISABLE_TELEMETRY',
      'OMP_WAIT_POLICY',
      'PATH',
      'PYTHONNOUSERSITE',
      'TMPDIR',
    ]);
    expect(predictions?.kind === 'numbers' && new Set(predictions.values)).toEqual(new Set([0.5]));
  });

  test('sees neither the target nor the modules of the scorer, and nothing of it stays', async () => {
    const { folder, seen } = await scoreWeek({}, async (file) => ({
      folder: dirname(file),
      seen: seenShape.parse(JSON.parse(await readFile(join(dirname(file), 'seen.json'), 'utf8'))),
    }));
    expect(seen.columns).toContain('x1');
    expect(seen.columns).not.toContain('y');
    expect(seen.path.filter((each) => each.endsWith('/scorer'))).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });
});

test('a wrong password is told without the password', async () => {
  const variables = {
    MLFLOW_TRACKING_URI: guarded.url,
    MLFLOW_TRACKING_USERNAME: 'ada',
    MLFLOW_TRACKING_PASSWORD: 'not-the-password',
  };
  await expect(scoreWeek(variables, async () => undefined)).rejects.toMatchObject({
    code: 'MlflowUnavailable',
    message: expect.not.stringContaining('not-the-password'),
  });
});
