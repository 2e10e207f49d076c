import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identify } from './process-identity.ts';
import { ProcessRegister } from './process-register.ts';

let folder: string;
let supervisor: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-'));
});
afterEach(() => {
  supervisor?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** @returns the pid of the supervised process */
async function startSupervisor(): Promise<number> {
  const program = join(import.meta.dirname, 'stand-ins', 'supervisor.ts');
  const { NODE_OPTIONS: _ofJest, ...environment } = process.env;
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', program, folder], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  supervisor = child;
  const [pid] = await once(child.stdout, 'data');
  return Number(pid);
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 10_000; waited += 50) await sleep(50);
  expect(condition()).toBe(true);
}

test('a supervisor that is killed leaves no process behind', async () => {
  const pid = await startSupervisor();
  expect(identify(pid)).toBeDefined();
  supervisor?.kill('SIGKILL');
  await until(() => identify(pid) === undefined);
  // What comes after the kill is a program of its own.
  await until(() => existsSync(join(folder, 'afterwards')));
}, 20_000);

test('what a supervisor left is stopped by the next one', async () => {
  const left = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const identity = identify(left.pid ?? 0);
  const strange = { pid: process.pid, started: 'another process had this pid' };
  const file = join(folder, 'processes.json');
  writeFileSync(file, JSON.stringify([identity, strange]));
  expect(await new ProcessRegister(file).stopLeftovers()).toBe(1);
  await until(() => identify(left.pid ?? 0) === undefined);
}, 20_000);
