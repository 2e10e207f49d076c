import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identify } from '@watchtower/stack/process-identity';
import { repositoryRoot } from '@watchtower/stack/repository';
import { createStages } from '../scripts/setup/stages.mjs';

let home: string;
let said: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'setup-'));
  said = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const say = (line: string): void => void said.push(line);

/** One set-up of a single stage, whose result is a file. @returns whether its work was done */
async function setUp(key: string, fail = false): Promise<boolean> {
  const result = join(home, 'result');
  const stages = await createStages(home, say);
  let worked = false;
  const work = async (): Promise<void> => {
    worked = true;
    if (fail) throw new Error('The registry does not answer.');
    writeFileSync(result, key);
  };
  try {
    await stages.run({ name: 'packages', key, isPresent: () => existsSync(result), work });
  } finally {
    stages.close();
  }
  return worked;
}

test('nothing is done twice, until an input changes or the result is gone', async () => {
  expect(await setUp('first')).toBe(true);
  expect(await setUp('first')).toBe(false);
  expect(said.at(-1)).toBe('· packages: up to date');
  expect(await setUp('second')).toBe(true);
  rmSync(join(home, 'result'));
  expect(await setUp('second')).toBe(true);
});

test('a stage that broke is done again, with its time told either way', async () => {
  await setUp('first');
  await expect(setUp('second', true)).rejects.toThrow('The registry does not answer.');
  expect(said.at(-1)).toMatch(/^✖ packages \d+\.\d s$/);
  expect(await setUp('first')).toBe(true);
  expect(said.at(-1)).toMatch(/^✔ packages \d+\.\d s$/);
});

test('a second set-up waits for the first and says so', async () => {
  const first = await createStages(home, say);
  // Locks are between processes, and this is the same one: what counts is that its holder is alive.
  const second = createStages(home, say);
  await sleep(400);
  expect(said).toEqual(['… another set-up of this folder is at work: waiting for it']);
  first.close();
  (await second).close();
  expect(existsSync(join(home, 'setup.lock'))).toBe(false);
});

test('waiting ends when it is interrupted', async () => {
  const first = await createStages(home, say);
  await expect(createStages(home, say, AbortSignal.timeout(100))).rejects.toThrow();
  first.close();
});

test('the lock of a set-up that is gone is taken over, also where its pid is used again', async () => {
  const gone = [
    { pid: 2 ** 22 + 1, started: 'long ago' },
    { pid: process.ppid, started: 'before it began' },
    7,
  ];
  for (const holder of gone) {
    writeFileSync(join(home, 'setup.lock'), JSON.stringify(holder));
    (await createStages(home, say)).close();
  }
  expect(said).toEqual([]);
});

test('a program that is interrupted takes the processes it started with it', async () => {
  const runCommand = pathToFileURL(join(repositoryRoot, 'scripts/setup/run-command.mjs')).href;
  const interruption = pathToFileURL(join(repositoryRoot, 'scripts/setup/interruption.mjs')).href;
  const pidFile = join(home, 'pid');
  const script = `
    import { runCommand } from '${runCommand}';
    import { abortOnSignal } from '${interruption}';
    const controller = new AbortController();
    abortOnSignal(controller);
    const shell = ['-c', 'sleep 60 & echo $! > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; wait'];
    const options = { cwd: '.', env: process.env, signal: controller.signal };
    await runCommand('sh', shell, options).catch(() => process.exit(controller.signal.reason.exitCode));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  while (!existsSync(pidFile)) await sleep(20);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
  const grandchild = Number(readFileSync(pidFile, 'utf8'));
  await sleep(50);
  expect(identify(grandchild)).toBeUndefined();
}, 30_000);
