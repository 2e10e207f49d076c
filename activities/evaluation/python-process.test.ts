import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runPython } from './python-process.ts';

/** Any interpreter will do for what is shown here, so Node stands in for Python. */
describe('runPython', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'scorer-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const lines: string[] = [];
  async function run(
    source: string,
    over: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ) {
    const script = path.join(folder, 'script.cjs');
    await writeFile(script, source);
    lines.length = 0;
    return runPython({
      python: process.execPath,
      script,
      job: path.join(folder, 'job.json'),
      directory: folder,
      environment: { PATH: process.env.PATH ?? '' },
      timeout: over.timeout ?? 10_000,
      signal: over.signal ?? new AbortController().signal,
      onLine: (line) => lines.push(line),
    });
  }

  test('gives each line of output and the end of standard error', async () => {
    const end = await run('console.log("one"); console.log("two"); console.error("broken"); process.exit(2)');
    expect(end).toEqual({ kind: 'exited', status: 2, stderr: 'broken\n' });
    expect(lines).toEqual(['one', 'two']);
  });

  test('shows the script nothing of our environment but what it is given', async () => {
    process.env.WATCHTOWER_TEST_SECRET = 'secret';
    await run('console.log(String(process.env.WATCHTOWER_TEST_SECRET))');
    delete process.env.WATCHTOWER_TEST_SECRET;
    expect(lines).toEqual(['undefined']);
  });

  test('stops what runs longer than allowed, its children too', async () => {
    const source = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      require('node:fs').writeFileSync('child.pid', String(child.pid));
      setInterval(() => {}, 1000);`;
    expect(await run(source, { timeout: 1500 })).toMatchObject({ kind: 'timed_out' });
    const pid = Number(await readFile(path.join(folder, 'child.pid'), 'utf8'));
    await expect(isGone(pid)).resolves.toBe(true);
  });

  test('stops when cancelled, and says so', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('cancelled')), 300);
    await expect(run('setInterval(() => {}, 1000)', { signal: controller.signal })).rejects.toThrow(
      'cancelled',
    );
  });

  test('says when the interpreter cannot be started', async () => {
    const end = await runPython({
      python: path.join(folder, 'no-such-python'),
      script: 'script',
      job: 'job',
      directory: folder,
      environment: {},
      timeout: 1000,
      signal: new AbortController().signal,
      onLine: () => undefined,
    });
    expect(end).toMatchObject({ kind: 'not_started', reason: expect.stringContaining('ENOENT') });
  });
});

/** A killed process stays visible as a zombie until its parent collects it. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 50; tries += 1) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (state === null ? !isAlive(pid) : state.includes(') Z ')) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
