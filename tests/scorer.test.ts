import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportRows, readValues } from '@watchtower/activities/data/index';
import { scoreRows } from '@watchtower/activities/evaluation/score-rows';
import { scorerProgram } from '@watchtower/activities/evaluation/scorer-program';
import { createMlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { createVersion, readVersion } from '@watchtower/activities/mlflow/registry';
import { readRun } from '@watchtower/activities/mlflow/runs';
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

// Both unlike anything that a folder may be called by chance.
const user = 'a-user-of-mlflow';
const password = 'a-password-of-mlflow';
const variablesShape = z.record(z.string(), z.string());
const seenShape = z.object({
  began_with: variablesShape,
  now: variablesShape,
  columns: z.array(z.string()),
  path: z.array(z.string()),
});

let stack: StackConnection;
let guarded: Guarded;
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
  await registerKept();
});
afterAll(async () => {
  guarded?.server.close();
  await stack?.close();
});

/**
 * The same model twice more: as version 2 where MLflow 2 keeps it, and as version 3 by a source of which MLflow's Python
 * client alone knows the place.
 */
async function registerKept(): Promise<void> {
  const mlflow = createMlflowClient(parseEnvironment({ MLFLOW_TRACKING_URI: stack.mlflow }));
  const { run_id } = await readVersion(mlflow, 'telltale', '1');
  if (run_id === null) throw new Error('Version 1 of telltale names no run.');
  const { artifact_uri } = (await readRun(mlflow, run_id)).info;
  const versions: string[] = [];
  for (const root of [artifact_uri, `runs:/${run_id}`]) {
    const kept = { name: 'telltale', source: `${root}/kept`, run_id, tags: {} };
    versions.push((await createVersion(mlflow, kept)).version);
  }
  expect(versions).toEqual(['2', '3']);
}

interface Guarded {
  readonly server: Server;
  readonly url: string;
  /** Who asked, and with what. */
  readonly authorizations: Set<string>;
  readonly clients: Set<string>;
}

/** MLflow behind a door that asks for the password, and writes down what was shown at it. */
async function guardedMlflow(mlflow: string): Promise<Guarded> {
  const authorizations = new Set<string>();
  const clients = new Set<string>();
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    const { authorization = '' } = incoming.headers;
    authorizations.add(authorization);
    clients.add(incoming.headers['user-agent']?.split('/')[0] ?? '');
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
  return { server, url: `http://127.0.0.1:${address.port}`, authorizations, clients };
}

/** A Python that writes down with which environment each of the scorer's programs began, and runs it unchanged. */
async function watchedPython(name: string) {
  const folder = join(stack.workspaces, name);
  await mkdir(folder);
  const python = stack.environment.PYTHON ?? 'python3';
  const { stdout } = await promisify(execFile)(python, ['-c', 'import sys; print(sys.executable)']);
  const script = [
    `#!${stdout.trim()} -IS`,
    'import json, os, sys',
    `with open(os.path.join(${JSON.stringify(folder)}, os.path.basename(sys.argv[1])), "w") as file:`,
    '    json.dump(dict(os.environ), file)',
    'os.execv(sys.executable, [sys.executable, *sys.argv[1:]])',
  ];
  const program = join(stack.workspaces, `${name}-python`);
  await writeFile(program, `${script.join('\n')}\n`, { mode: 0o755 });
  return {
    program,
    started: () => readdirSync(folder).toSorted(),
    environmentOf: async (file: string) =>
      variablesShape.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))),
  };
}

/** Scores a week of rows, and hands over the folder it was done in while it is there. */
async function scoreWeek<Result>(
  variables: Readonly<Record<string, string>>,
  use: (predictions: string) => Promise<Result>,
  version = '1',
): Promise<Result> {
  const rows = join(stack.workspaces, 'week.parquet');
  const window = { from: '2026-04-15T00:00:00.000Z', to: '2026-04-22T00:00:00.000Z' };
  await exportRows(definition, window, rows, { labelledOnly: true });
  return scoreRows(
    {
      environment: parseEnvironment({ ...stack.environment, ...variables }),
      definition,
      run_id: runId.parse('01890000-0000-7000-8000-000000000001'),
      version: { registered_model: 'telltale', version },
      rows,
      progress: { signal: new AbortController().signal, line: () => undefined },
    },
    use,
  );
}

describe('a model that looks around while it is scored', () => {
  const isSecret = (name: string) => /^MLFLOW_(TRACKING|REGISTRY)/.test(name);
  function expectNoSecrets(environment: Readonly<Record<string, string>>): void {
    expect(Object.keys(environment).filter(isSecret)).toEqual([]);
    const values = Object.values(environment).join('\n');
    for (const secret of [user, password, guarded.url, stack.apiKey, stack.databaseUrl]) {
      expect(values).not.toContain(secret);
    }
  }

  const own = ['check_requirements.py', 'fork_server.py'] as const;
  test.each([
    { who: 'the worker (MLflow 3)', version: '1', clients: ['node'], programs: own },
    { who: 'the worker (MLflow 2)', version: '2', clients: ['node'], programs: own },
    {
      who: 'a process for it',
      version: '3',
      clients: ['mlflow-python-client', 'node'],
      programs: [own[0], 'download_model.py', own[1]],
    },
  ])(
    'finds no credentials where $who has fetched its files with them',
    async ({ version, clients, programs }) => {
      guarded.authorizations.clear();
      guarded.clients.clear();
      const python = await watchedPython(`watched-${version}`);
      const variables = {
        PYTHON: python.program,
        MLFLOW_TRACKING_URI: guarded.url,
        MLFLOW_TRACKING_USERNAME: user,
        MLFLOW_TRACKING_PASSWORD: password,
      };
      const { seen, predictions } = await scoreWeek(
        variables,
        async (file) => ({
          seen: seenShape.parse(JSON.parse(await readFile(join(dirname(file), 'seen.json'), 'utf8'))),
          predictions: (await readValues(file, ['prediction'])).get('prediction'),
        }),
        version,
      );
      expect(guarded.authorizations.size).toBe(1);
      expect([...guarded.clients].toSorted()).toEqual(clients);
      expect(python.started()).toEqual(programs);
      for (const program of programs.filter((name) => name !== 'download_model.py')) {
        expectNoSecrets(await python.environmentOf(program));
      }
      expectNoSecrets(seen.began_with);
      expectNoSecrets(seen.now);
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
    },
  );

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

test('a wrong password is refused for good, and told without the password', async () => {
  const variables = {
    MLFLOW_TRACKING_URI: guarded.url,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: 'not-the-password',
  };
  await expect(scoreWeek(variables, async () => undefined)).rejects.toMatchObject({
    code: 'MlflowRejected',
    message: expect.not.stringContaining('not-the-password'),
  });
});

test.each([
  { lacks: 'the package "packaging"', absent: ['packaging'], missing: ['pip<1', 'no-such-package', '-r x'] },
  {
    lacks: 'pip as well',
    absent: ['packaging', 'pip'],
    missing: ['pip', 'pip<1', 'nothing; python_version < "3"', 'no-such-package', '-r x'],
  },
])('requirements are read by a Python that lacks $lacks', async ({ absent, missing }) => {
  const folder = await mkdtemp(join(stack.workspaces, 'requirements-'));
  const lines = [
    'pip',
    'pip<1  # too old',
    '',
    '# none',
    'nothing; python_version < "3"',
    'no-such-package',
    '-r x',
  ];
  await writeFile(join(folder, 'requirements.txt'), lines.join('\n'));
  for (const name of absent) await writeFile(join(folder, `${name}.py`), 'raise ImportError("absent")\n');
  const answer = join(folder, 'answer.json');
  const job = join(folder, 'job.json');
  await writeFile(job, JSON.stringify({ model_folder: folder, answer, memory_bytes: 4e9 }));
  await promisify(execFile)(
    stack.environment.PYTHON ?? 'python3',
    [scorerProgram('check_requirements'), job],
    { env: { PATH: process.env.PATH, PYTHONPATH: folder } },
  );
  expect(JSON.parse(await readFile(answer, 'utf8'))).toMatchObject({ missing });
});
