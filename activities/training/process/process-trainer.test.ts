import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  definitionInput,
  type Environment,
  type ModelDefinition,
  parseEnvironment,
  resolveDefinition,
  type TrainingRequest,
  trainingIdOf,
  trainingRequest,
} from '@watchtower/contracts';
import { z } from 'zod';
import { attemptFolder } from '../attempt-folder.ts';
import { memoryLedger } from '../memory-ledger.ts';
import type { AttemptEnd, AttemptWatch } from '../trainer.ts';
import {
  attemptFiles,
  claim,
  linkRecord,
  type RunnerClaim,
  readRecord,
  writeRecord,
} from './attempt-files.ts';
import { createProcessTrainer } from './index.ts';
import { observeAttempt } from './observe-attempt.ts';
import { groupState, killGroup } from './process-group.ts';
import { runnerProgram } from './runner-program.ts';
import { startAttempt } from './start-attempt.ts';
import { stopAllAttempts, stopTraining } from './stop-attempts.ts';

jest.setTimeout(60_000);

const training_id = trainingIdOf('0198f3c2-0000-7000-8000-000000000001');
let workspace = '';
let environment: Environment;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(os.tmpdir(), 'watchtower-training-'));
  environment = parseEnvironment({ WORKSPACE_BASE_DIR: workspace, API_KEY: 'a key of the gateway alone' });
});
afterEach(async () => {
  await stopAllAttempts(workspace);
  await rm(workspace, { recursive: true, force: true });
});

/** A model whose training is a piece of JavaScript. */
function trainedBy(script: string, retrain: Record<string, unknown> = {}): ModelDefinition {
  const input = definitionInput.parse({
    version: 1,
    model: 'tiny',
    base_dir: workspace,
    data: { source: { type: 'synthetic' }, time_column: 'time', target: 'y' },
    windows: {
      reference: { from: '2026-01-01', to: '2026-02-01' },
      current: { from: '2026-02-01', to: '2026-03-01' },
    },
    retrain: { command: [process.execPath, '-e', script], ...retrain },
    evaluate: { primary_metric: 'roc_auc' },
  });
  return resolveDefinition(input, { task: 'binary_classification', shareThreshold: 0.2, minImprovement: 0 });
}

function request(): TrainingRequest {
  return trainingRequest.parse({
    training_id,
    model: 'tiny',
    registered_model: 'tiny',
    mlflow_run_id: 'run-1',
    mlflow_tracking_uri: 'http://127.0.0.1:5000',
    strategy: 'full_retrain',
    feature_subset: null,
    class_weights: null,
    seed: 1,
    notes: '',
    hyperparameters: {},
    target: 'y',
    time_column: 'time',
    data_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
    data_path: null,
  });
}

const start = (definition: ModelDefinition, attempt = 1, logLimit?: number) =>
  startAttempt(environment, { definition, request: request(), attempt }, logLimit);

function observe(
  definition: ModelDefinition,
  attempt = 1,
  watch: Partial<AttemptWatch> = {},
  clock?: () => number,
): Promise<AttemptEnd> {
  const quiet: AttemptWatch = {
    beat: () => undefined,
    pause: (ms) => sleep(Math.min(ms, 50)),
    earlier: undefined,
  };
  return observeAttempt(workspace, { training_id, attempt }, definition, { ...quiet, ...watch }, clock);
}

const folderOf = (attempt: number) => attemptFolder(workspace, { training_id, attempt });

async function claimOf(attempt = 1): Promise<RunnerClaim> {
  const found = await readRecord(folderOf(attempt), attemptFiles.claim, claim);
  if (found?.kind !== 'runner') throw new Error('no runner claimed the attempt');
  return found;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error('it did not come to pass within 10 s');
}

const logOf = (attempt = 1) =>
  readFile(path.join(folderOf(attempt), attemptFiles.log), 'utf8').catch(() => '');

const forever = 'setInterval(() => console.log("still training"), 50)';

describe('an attempt in a process', () => {
  it('ends with the exit code and the log of its program', async () => {
    const definition = trainedBy('console.log("epoch 1"); console.error("epoch 2"); process.exit(0)');
    await start(definition);
    expect(await observe(definition)).toMatchObject({
      attempt: 1,
      status: 'succeeded',
      exit_code: 0,
      failure_code: null,
      log_tail: 'epoch 1\nepoch 2\n',
    });
  });

  it('fails with the last lines of a program that ends badly', async () => {
    const definition = trainedBy('console.error("no such column"); process.exit(3)');
    await start(definition);
    expect(await observe(definition)).toMatchObject({
      status: 'failed',
      exit_code: 3,
      failure_code: 'TrainingFailed',
      log_tail: 'no such column\n',
    });
  });

  it('fails, and says what is missing, where the program is not there', async () => {
    const definition = trainedBy('', { command: ['no-such-program', 'train'] });
    await start(definition);
    const end = await observe(definition);
    expect(end).toMatchObject({ status: 'failed', failure_code: 'TrainingFailed', exit_code: null });
    expect(end.log_tail).toContain('no-such-program');
  });

  it('gives the program its request and no secret of ours', async () => {
    const definition = trainedBy('console.log(JSON.stringify(process.env))', {
      environment: { MINE: 'yes', MLFLOW_RUN_ID: 'not this one' },
    });
    await start(definition);
    await observe(definition);
    const seen: Record<string, string> = JSON.parse(await logOf());
    expect(seen).toMatchObject({
      MINE: 'yes',
      MLFLOW_RUN_ID: 'run-1',
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000',
      WATCHTOWER_TRAINING_REQUEST: path.join(folderOf(1), 'request.json'),
    });
    expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['API_KEY']));
    expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['NODE_OPTIONS']));
    expect(JSON.parse(await readFile(seen.WATCHTOWER_TRAINING_REQUEST ?? '', 'utf8'))).toEqual(request());
  });

  it('shows its progress while it is observed', async () => {
    const definition = trainedBy(
      'let n = 0; setInterval(() => { console.log("step", ++n); if (n === 8) process.exit(0) }, 50)',
    );
    await start(definition);
    const beats: unknown[] = [];
    await observe(definition, 1, { beat: (progress) => beats.push(progress) });
    const last = z.object({ log_lines: z.int(), last_line: z.string() }).parse(beats.at(-1));
    expect(last.log_lines).toBeGreaterThan(0);
    expect(last.last_line).toBe(`step ${last.log_lines}`);
  });
});

describe('whoever dies', () => {
  it('an observer that goes away stops nothing, and the next one finds the result', async () => {
    const definition = trainedBy('console.log("working"); setTimeout(() => process.exit(0), 1500)');
    await start(definition);
    const leaving = observe(definition, 1, { pause: () => Promise.reject(new Error('the worker died')) });
    await expect(leaving).rejects.toThrow('the worker died');
    expect(await groupState(await claimOf())).toBe('alive');
    expect(await observe(definition)).toMatchObject({ status: 'succeeded' });
  });

  it('a starter killed with SIGKILL leaves an attempt that goes on and is adopted', async () => {
    const definition = trainedBy('console.log("one training"); setTimeout(() => process.exit(0), 1500)');
    const folder = folderOf(1);
    await mkdir(folder, { recursive: true });
    await writeRecord(folder, attemptFiles.order, {
      command: definition.retrain.command,
      working_directory: workspace,
      timeout_ms: 60_000,
      log_limit_bytes: 1_000_000,
    });
    const launch = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([...runnerProgram(), folder])}, { detached: true, stdio: 'ignore' }); setInterval(() => {}, 1000)`;
    const starter = spawn(process.execPath, ['-e', launch], { stdio: 'ignore' });
    await until(async () => (await readRecord(folder, attemptFiles.claim, claim)) !== null);
    starter.kill('SIGKILL');
    expect(await start(definition)).toMatchObject({ pid: (await claimOf()).pid });
    expect(await observe(definition)).toMatchObject({ status: 'succeeded' });
    expect(await logOf()).toBe('one training\n');
  });

  it('two starters at once give one training', async () => {
    const definition = trainedBy('console.log("one training"); setTimeout(() => process.exit(0), 300)');
    const handles = await Promise.all([start(definition), start(definition), start(definition)]);
    expect(new Set(handles.map((handle) => handle?.pid)).size).toBe(1);
    await observe(definition);
    expect(await logOf()).toBe('one training\n');
  });

  it('a runner killed with SIGKILL leaves a trainer that is watched to its end, and then counts as lost', async () => {
    const definition = trainedBy('console.log("working"); setTimeout(() => process.exit(0), 1500)');
    await start(definition);
    const claimed = await claimOf();
    await until(async () => (await logOf()).includes('working'));
    process.kill(claimed.pid, 'SIGKILL');
    await sleep(200);
    expect(await groupState(claimed)).toBe('alive');
    await expect(start(definition, 2)).rejects.toMatchObject({ code: 'TrainerNotStarted' });
    expect(await observe(definition)).toMatchObject({ status: 'lost', failure_code: null, exit_code: null });
    expect(await groupState(claimed)).toBe('dead');
  });

  it('a process group killed as a whole counts as lost, and the next attempt may begin', async () => {
    const definition = trainedBy(forever);
    await start(definition);
    process.kill(-(await claimOf()).pid, 'SIGKILL');
    expect(await observe(definition)).toMatchObject({ status: 'lost' });
    const next = trainedBy('process.exit(0)');
    await start(next, 2);
    expect(await observe(next, 2)).toMatchObject({ attempt: 2, status: 'succeeded' });
  });

  it('an attempt nobody began is lost, and can no longer be begun', async () => {
    const definition = trainedBy('console.log("too late")');
    await mkdir(folderOf(1), { recursive: true });
    expect(await observe(definition)).toMatchObject({ status: 'lost' });
    expect(await start(definition)).toBeNull();
    expect(await logOf()).toBe('');
  });
});

describe('whoever stops it', () => {
  it('a tombstone keeps a late runner from training', async () => {
    const definition = trainedBy('console.log("too late")');
    const folder = folderOf(1);
    await mkdir(folder, { recursive: true });
    await linkRecord(folder, attemptFiles.claim, { kind: 'tombstone', at: new Date().toISOString() });
    await writeRecord(folder, attemptFiles.order, {
      command: definition.retrain.command,
      working_directory: workspace,
      timeout_ms: 1000,
      log_limit_bytes: 1000,
    });
    const late = spawn(process.execPath, [...runnerProgram(), folder], { stdio: 'ignore' });
    const code = await new Promise((resolve) => late.once('exit', resolve));
    expect(code).toBe(0);
    expect(await logOf()).toBe('');
  });

  it('stopping a training kills it, stubborn or not, and forbids the next attempt', async () => {
    const definition = trainedBy(`process.on('SIGTERM', () => console.log('no')); ${forever}`);
    await start(definition);
    const claimed = await claimOf();
    await until(async () => (await logOf()).includes('training'));
    expect(await stopTraining(workspace, training_id)).toBe(1);
    expect(await groupState(claimed)).toBe('dead');
    expect(await observe(definition)).toMatchObject({
      status: 'cancelled',
      failure_code: 'TrainingCancelled',
    });
    expect(await start(definition, 2)).toBeNull();
    expect(await observe(definition, 2)).toMatchObject({ status: 'cancelled' });
    expect(await stopTraining(workspace, training_id)).toBe(0);
  });

  it('a shutdown leaves no process, and the attempt counts as lost', async () => {
    const child = 'require("node:child_process").spawn("sleep", ["600"]);';
    const definition = trainedBy(`${child} ${forever}`);
    await start(definition);
    const claimed = await claimOf();
    await until(async () => (await logOf()).includes('training'));
    expect(await stopAllAttempts(workspace)).toBe(1);
    expect(await groupState(claimed)).toBe('dead');
    expect(await observe(definition)).toMatchObject({ status: 'lost' });
  });

  it('a training without new output is stuck', async () => {
    const definition = trainedBy('console.log("last words"); setInterval(() => {}, 1000)', {
      stuck_after: '1s',
    });
    await start(definition);
    expect(await observe(definition)).toMatchObject({
      status: 'failed',
      failure_code: 'TrainingStuck',
      log_tail: 'last words\n',
    });
    expect(await groupState(await claimOf())).toBe('dead');
  });

  it('a night in which the machine slept is no silence, and no time that the training took', async () => {
    const definition = trainedBy('setTimeout(() => process.exit(0), 1500)', {
      stuck_after: '30s',
      timeout: '1m',
    });
    await start(definition);
    let night = 0;
    const sleeping = {
      pause: async (ms: number) => {
        night += 8 * 3_600_000;
        await sleep(Math.min(ms, 100));
      },
    };
    expect(await observe(definition, 1, sleeping, () => Date.now() + night)).toMatchObject({
      status: 'succeeded',
    });
  });

  it('silence goes on counting where the observer is another one', async () => {
    const definition = trainedBy('console.log("last words"); setInterval(() => {}, 1000)', {
      stuck_after: '30s',
    });
    await start(definition);
    await until(async () => (await logOf()) !== '');
    const beats: unknown[] = [];
    const leaving = observe(definition, 1, {
      beat: (progress) => beats.push(progress),
      pause: () => Promise.reject(new Error('the worker died')),
    });
    await expect(leaving).rejects.toThrow('the worker died');
    const told = z.looseObject({ watched: z.looseObject({ quiet_ms: z.number() }) }).parse(beats.at(-1));
    const earlier = { ...told, watched: { ...told.watched, quiet_ms: 29_900 } };
    const began = Date.now();
    expect(await observe(definition, 1, { earlier })).toMatchObject({ failure_code: 'TrainingStuck' });
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  it('a training that takes too long is stopped, watched or not', async () => {
    const definition = trainedBy(forever, { timeout: '1s' });
    await start(definition);
    await until(async () => (await groupState(await claimOf())) === 'dead');
    expect(await observe(definition)).toMatchObject({ status: 'failed', failure_code: 'TrainingTimedOut' });
  });

  it('a training that takes more memory than it may is killed, with what it started', async () => {
    const child = 'const taken = []; setInterval(() => taken.push(Buffer.alloc(2 ** 24, 1)), 20)';
    const script = `console.log("taking"); require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); setTimeout(() => undefined, 60_000)`;
    const definition = trainedBy(script, { process: { memory: '256m' } });
    await start(definition);
    expect(await observe(definition)).toMatchObject({
      status: process.platform === 'linux' ? 'failed' : 'succeeded',
      failure_code: process.platform === 'linux' ? 'TrainingOutOfMemory' : null,
      log_tail: 'taking\n',
    });
  });

  it('what a program leaves running ends with it', async () => {
    const definition = trainedBy(
      'require("node:child_process").spawn("sleep", ["600"], { stdio: "ignore" }).unref(); process.exit(0)',
    );
    await start(definition);
    expect(await observe(definition)).toMatchObject({ status: 'succeeded' });
    expect(await groupState(await claimOf())).toBe('dead');
  });
});

describe('what is certain', () => {
  it('on another host nothing is: the attempt is neither lost nor stopped', async () => {
    const definition = trainedBy(forever);
    await mkdir(folderOf(1), { recursive: true });
    const elsewhere = {
      kind: 'runner',
      host: 'another',
      boot_id: '',
      pid: 1,
      process_started: '1',
      at: new Date().toISOString(),
    };
    await linkRecord(folderOf(1), attemptFiles.claim, elsewhere);
    await expect(observe(definition)).rejects.toMatchObject({ code: 'Internal', retryable: true });
    await expect(stopTraining(workspace, training_id)).rejects.toThrow('another');
  });

  it('on another host, whose folders are not seen here, it is not begun, lost or stopped either', async () => {
    const definition = trainedBy('process.exit(0)');
    const ledger = memoryLedger();
    const key = { training_id, attempt: 1 };
    const at = new Date().toISOString();
    await ledger.claim(key, { trainer: 'process', host: 'another-host', pid: 7, started_at: at });
    const trainer = createProcessTrainer(environment, ledger);
    const elsewhere = { code: 'TrainerUnavailable', message: expect.stringContaining('host another-host') };
    const { signal } = new AbortController();
    await expect(trainer.start({ definition, request: request(), attempt: 1 }, signal)).rejects.toMatchObject(
      elsewhere,
    );
    const watch = { beat: () => undefined, pause: () => sleep(5), earlier: undefined };
    await expect(trainer.observe(key, definition, watch)).rejects.toMatchObject(elsewhere);
    expect(await readRecord(attemptFolder(workspace, key), attemptFiles.claim, claim)).toBeNull();
    await expect(trainer.stop(training_id)).rejects.toMatchObject(elsewhere);
  });

  it('stopped while it starts, is ended by whoever started it', async () => {
    const ledger = memoryLedger();
    ledger.stop(training_id);
    const trainer = createProcessTrainer(environment, ledger);
    const definition = trainedBy('setTimeout(() => undefined, 60_000)');
    const { signal } = new AbortController();
    expect(await trainer.start({ definition, request: request(), attempt: 1 }, signal)).toBeNull();
    const begun = await readRecord(
      attemptFolder(workspace, { training_id, attempt: 1 }),
      attemptFiles.claim,
      claim,
    );
    expect(begun?.kind === 'runner' && (await groupState(begun))).toBe('dead');
  });

  it('a pid that was given to another process is not taken for the attempt', async () => {
    const definition = trainedBy(forever);
    await start(definition);
    const claimed = await claimOf();
    const former = { ...claimed, process_started: `${Number(claimed.process_started) - 1}` };
    expect(await groupState(former)).toBe('dead');
    expect(await killGroup(former)).toBe(false);
    expect(await groupState({ ...claimed, boot_id: 'an earlier one' })).toBe('dead');
    expect(await groupState(claimed)).toBe('alive');
  });

  it('a flood of output is cut, its first and last lines stay', async () => {
    const limit = 200_000;
    const definition = trainedBy(
      'console.log("first line"); const line = "x".repeat(1000); let n = 0; const flood = setInterval(() => { for (let i = 0; i < 400; i++) console.log(line); if (++n === 40) { clearInterval(flood); console.log("last line") } }, 50)',
    );
    await start(definition, 1, limit);
    const end = await observe(definition);
    expect(end).toMatchObject({ status: 'succeeded' });
    const { size } = await stat(path.join(folderOf(1), attemptFiles.log));
    expect(size).toBeLessThan(12_000_000);
    const log = await logOf();
    expect(log.slice(0, 11)).toBe('first line\n');
    expect(/\d+ bytes of the log were dropped here/.test(log)).toBe(true);
    expect(end.log_tail.slice(-10)).toBe('last line\n');
    expect(end.log_tail.length).toBeLessThanOrEqual(4096);
  });

  it('a folder of somebody else is not taken for an attempt', async () => {
    await mkdir(path.join(workspace, 'trainings', training_id, 'notes'), { recursive: true });
    await writeFile(path.join(workspace, 'trainings', 'readme.txt'), 'hello');
    expect(await stopAllAttempts(workspace)).toBe(0);
  });
});
