import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportRows } from '@watchtower/activities/data/index';
import { scoreForked } from '@watchtower/activities/evaluation/fork-server';
import { scoringEnvironment } from '@watchtower/activities/evaluation/scrubbed-environment';
import { definitionInput, resolveDefinition } from '@watchtower/contracts';
import { syntheticDefinition } from './lab.ts';
import { connectStack, type StackConnection } from './stack-connection.ts';

jest.setTimeout(60_000);

let stack: StackConnection;
let rows: string;
beforeAll(async () => {
  stack = await connectStack();
  rows = join(stack.workspaces, 'rows.parquet');
  const definition = resolveDefinition(definitionInput.parse(syntheticDefinition('forked', {})), {
    task: 'binary_classification',
    shareThreshold: 0.2,
    minImprovement: 0.005,
  });
  const window = { from: '2026-04-15T00:00:00.000Z', to: '2026-04-16T00:00:00.000Z' };
  await exportRows(definition, window, rows, { labelledOnly: true });
});
afterAll(() => stack?.close());

/** Has a model scored whose `predict` is this Python; `model_input` is the rows. */
async function scoreWith(
  predict: string,
  over: {
    readonly timeout?: number;
    readonly signal?: AbortSignal;
    readonly modules?: readonly string[];
  } = {},
) {
  const folder = join(stack.workspaces, randomUUID());
  const code = join(folder, 'model', 'code');
  await mkdir(code, { recursive: true });
  const home = join(folder, 'home');
  await mkdir(home);
  const loader = [
    'import os, signal, subprocess, sys, time',
    ...(over.modules ?? []).map((name) => `import ${name}`),
    'class Model:',
    '    def predict(self, model_input, params=None):',
    ...predict.split('\n').map((line) => `        ${line}`),
    '        return [0.5] * len(model_input)',
    'def _load_pyfunc(path):',
    '    return Model()',
  ];
  await writeFile(join(code, 'tried_model.py'), loader.join('\n'));
  for (const name of over.modules ?? []) await writeFile(join(code, `${name}.py`), 'own = True\n');
  const flavor = { loader_module: 'tried_model', code: 'code', python_version: '3' };
  await writeFile(
    join(folder, 'model', 'MLmodel'),
    JSON.stringify({ flavors: { python_function: flavor }, mlflow_version: '3.0.0' }),
  );
  const predictions = join(folder, 'predictions.parquet');
  const job = join(folder, 'score.json');
  await writeFile(
    job,
    JSON.stringify({
      model_folder: join(folder, 'model'),
      rows,
      predictions,
      output: 'value',
      positive_class: '1',
      hidden_columns: ['y', 'time'],
      memory_bytes: 8e9,
    }),
  );
  const lines: string[] = [];
  const end = scoreForked({
    python: stack.environment.PYTHON ?? 'python3',
    job,
    directory: folder,
    environment: scoringEnvironment(home),
    timeout: over.timeout ?? 50_000,
    signal: over.signal ?? new AbortController().signal,
    onLine: (line) => lines.push(line),
    workspace: stack.workspaces,
  });
  return { end, lines, folder, predictions };
}

const startChild =
  "child = subprocess.Popen(['sleep', '300'])\nopen('pids', 'w').write(f'{os.getpid()} {child.pid}')";
const pidsIn = async (folder: string): Promise<number[]> =>
  (await readFile(join(folder, 'pids'), 'utf8')).split(' ').map(Number);

/** Until none of them is left, but for a zombie whose parent has yet to look. */
async function expectGone(pids: readonly number[]): Promise<void> {
  const alive = async (pid: number) => {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    return state !== null && !state.includes(') Z ');
  };
  for (let look = 0; look < 100; look += 1) {
    const left = await Promise.all(pids.map(alive));
    if (!left.includes(true)) return;
    await sleep(50);
  }
  throw new Error(`Of ${pids.join(', ')} one is still there.`);
}

async function until(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(20);
}

describe('models that are scored in processes forked from one server', () => {
  test('each is told by itself: lines, status, what it wrote and where it ran', async () => {
    const tell = "print('forked by', os.getppid(), 'in', os.getcwd(), os.environ['HOME'], flush=True)";
    const scorings = await Promise.all([scoreWith(tell), scoreWith(tell)]);
    const parents = new Set<string>();
    for (const { end, lines, folder, predictions } of scorings) {
      expect(await end).toEqual({ kind: 'exited', status: 0, stderr: expect.any(String) });
      expect(lines).toContain('scored 100 of 100 rows');
      const told = lines.find((line) => line.startsWith('forked by')) ?? '';
      expect(told).toContain(` in ${folder} ${join(folder, 'home')}`);
      parents.add(told.split(' ')[2] ?? '');
      expect(existsSync(predictions)).toBe(true);
    }
    expect(parents.size).toBe(1);
  });

  test('each has modules of its own, also where they are called like ours', async () => {
    const modules = ['score', 'scorer_process', 'lazy_imports'];
    const { end } = await scoreWith('assert score.own and scorer_process.own and lazy_imports.own', {
      modules,
    });
    expect(await end).toMatchObject({ status: 0 });
    const other = await scoreWith("assert 'score' not in sys.modules");
    expect(await other.end).toMatchObject({ status: 0 });
  });

  test('one that raises ends with its traceback, one that dies with the signal', async () => {
    const raises = await scoreWith("print('half a line', end='')\nraise RuntimeError('no such luck')");
    expect(await raises.end).toMatchObject({
      kind: 'exited',
      status: 1,
      stderr: expect.stringContaining('RuntimeError: no such luck'),
    });
    expect(raises.lines).toContain('half a line');
    const dies = await scoreWith('os.kill(os.getpid(), signal.SIGSEGV)');
    expect(await dies.end).toMatchObject({ kind: 'killed', signal: 'SIGSEGV' });
  });

  test('one that goes on and on ends with its time, its children too, and what it left behind goes with it', async () => {
    const endless = await scoreWith(`${startChild}\ntime.sleep(300)`, { timeout: 5_000 });
    expect(await endless.end).toMatchObject({ kind: 'timed_out' });
    await expectGone(await pidsIn(endless.folder));
    const careless = await scoreWith(startChild);
    expect(await careless.end).toMatchObject({ status: 0 });
    await expectGone(await pidsIn(careless.folder));
  });

  test('one that prints without end is heard in pieces, and others beside it', async () => {
    const flood = await scoreWith("for _ in range(200): sys.stdout.write('x' * 100_000)");
    const other = await scoreWith('pass');
    expect(await flood.end).toMatchObject({ status: 0 });
    expect(await other.end).toMatchObject({ status: 0 });
    const said = flood.lines.filter((line) => line.startsWith('x'));
    expect(said.reduce((sum, line) => sum + line.length, 0)).toBeGreaterThanOrEqual(20_000_000);
    expect(Math.max(...said.map((line) => line.length))).toBeLessThan(2 * 65_536);
  });

  test('one that is cancelled is gone, and so are all when their server is', async () => {
    const controller = new AbortController();
    const cancelled = await scoreWith(`${startChild}\ntime.sleep(300)`, { signal: controller.signal });
    const other = await scoreWith(
      `open('server', 'w').write(str(os.getppid()))\n${startChild}\ntime.sleep(300)`,
    );
    await Promise.all([until(join(cancelled.folder, 'pids')), until(join(other.folder, 'pids'))]);
    controller.abort(new Error('cancelled'));
    await expect(cancelled.end).rejects.toThrow('cancelled');
    await expectGone(await pidsIn(cancelled.folder));

    process.kill(Number(await readFile(join(other.folder, 'server'), 'utf8')), 'SIGKILL');
    expect(await other.end).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
    const [scorer] = await pidsIn(other.folder);
    await expectGone([Number(scorer)]);
    // The next is forked from the next server.
    const next = await scoreWith('pass');
    expect(await next.end).toMatchObject({ status: 0 });
  });
});
