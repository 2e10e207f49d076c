import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { endpoints } from '@watchtower/client/endpoints';
import { repositoryRoot } from '@watchtower/stack/repository';
import { stateFolder } from '@watchtower/stack/state-folder';

/** The commands people begin with, started as at a terminal, with a state folder of their own. */

let home: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'watchtower-demo-'));
  // The workflow bundle of earlier and later test runs, which takes long to make.
  const cache = join(repositoryRoot, '.watchtower', 'cache');
  mkdirSync(cache, { recursive: true });
  symlinkSync(cache, join(home, 'cache'));
});

afterAll(async () => {
  // A launcher that is killed takes its stack with it.
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await nothingLeft(20_000);
  if (process.env.WATCHTOWER_KEEP !== '1') rmSync(home, { recursive: true, force: true });
}, 30_000);

test('the demo goes from nothing to a promotion, and leaves nothing running', async () => {
  const demo = start('demo.mjs', ['--once', '--approve']);
  const file = join(home, 'endpoints.json');
  await until(demo, () => existsSync(file));
  expect(Object.keys(endpoints.parse(JSON.parse(readFileSync(file, 'utf8')))).sort()).toEqual(
    ['api_key', 'database_url', 'gateway', 'mlflow', 'pid', 'temporal', 'temporal_ui'].sort(),
  );
  expect(modeOf(file)).toBe(0o600);

  expect([await demo.ended, demo.output()]).toEqual([0, expect.stringContaining('promoted')]);
  expect(demo.output()).toContain('Champion in MLflow: version 1 before, version 2 now');
  expect(demo.output()).toMatch(/Audit log: \d+ steps verified/);
  expect(demo.output()).toMatch(/where the time went/);
  expect(demo.output()).toMatch(/In all \d+\.\d s/);
  expect(existsSync(file)).toBe(false);
  expect(await nothingLeft(10_000)).toEqual([]);
}, 420_000);

test('the stack starts again, behind a proxy and with few log lines, and Ctrl-C ends all of it', async () => {
  const up = start('up.mjs', [], { LOG_LEVEL: 'warn', HTTP_PROXY: 'http://127.0.0.1:9' });
  await until(up, () => up.output().includes('Watchtower is up.'));
  const { gateway, pid } = endpoints.parse(JSON.parse(readFileSync(join(home, 'endpoints.json'), 'utf8')));
  expect((await fetch(`${gateway}/health`)).status).toBe(200);

  const state = stateFolder({}, home);
  expect(modeOf(home)).toBe(0o711);
  for (const folder of [state.logs, state.mlflow, state.artifacts, state.workspaces, state.postgres]) {
    expect([folder, modeOf(folder)]).toEqual([folder, 0o700]);
  }
  expect(modeOf(state.temporalFile)).toBe(0o600);

  const second = start('up.mjs');
  expect(await second.ended).toBe(0);
  expect(second.output()).toContain(`The stack is up already, in process ${pid}.`);
  expect(second.output()).toContain(gateway);

  up.child.kill('SIGINT');
  expect([await up.ended, up.output()]).toEqual([0, expect.stringContaining('postgres stopped')]);
  expect(existsSync(state.endpoints)).toBe(false);
  expect(existsSync(state.lock)).toBe(false);
  expect(await nothingLeft(10_000)).toEqual([]);
}, 240_000);

test('an option that does not exist is told before anything is set up', async () => {
  const demo = start('demo.mjs', ['--aprove']);
  expect(await demo.ended).toBe(2);
  expect(demo.output()).toContain('--approve');
  expect(demo.output()).not.toContain('workspace packages');
});

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** The exit code, once all it wrote was read. */
  readonly ended: Promise<number | null>;
}

function start(
  script: string,
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Started {
  const venv = process.env.WATCHTOWER_VENV ?? join(repositoryRoot, '.watchtower', 'venv');
  const child = spawn(process.execPath, [join(repositoryRoot, 'scripts', script), ...args], {
    // Jest's own flags are not for it.
    env: {
      ...process.env,
      NODE_OPTIONS: undefined,
      WATCHTOWER_HOME: home,
      WATCHTOWER_VENV: venv,
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, ended, output: () => output };
}

async function until({ child, output }: Started, reached: () => boolean): Promise<void> {
  while (!reached()) {
    if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode}:\n${output()}`);
    await sleep(50);
  }
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Processes with this state folder in their arguments or environment, after they had some time to go. */
async function nothingLeft(withinMs: number): Promise<readonly string[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const flags = process.platform === 'linux' ? 'axeww' : 'axEww';
    const listed = execFileSync('ps', [flags, '-o', 'pid=,command='], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const left = listed.split('\n').filter((line) => line.includes(home));
    if (left.length === 0 || Date.now() > deadline) return left.map((line) => line.slice(0, 200));
    await sleep(100);
  }
}
