import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { StopReason } from '../stop-reason.ts';
import { look, type Watched } from '../time-awake.ts';
import {
  attemptFiles,
  type Exit,
  linkRecord,
  type Order,
  order,
  type RunnerClaim,
  readRecord,
} from './attempt-files.ts';
import { cutLog } from './attempt-log.ts';
import { takersOfMemory } from './group-memory.ts';
import { bootId, processStart, signalGroup } from './process-group.ts';

/**
 * The program between us and a trainer: `attempt-runner <folder>`, started detached, so that it outlives the worker.
 * It claims the attempt, runs the order's command with its own environment, and writes down how that ended.
 */

const killGraceMs = 5_000;
const checkMs = 200;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: attempt-runner <attempt folder>');
await runAttempt(path.resolve(folder));

async function runAttempt(attempt: string): Promise<void> {
  const todo = await readRecord(attempt, attemptFiles.order, order);
  if (!todo) throw new Error(`${attempt} has no ${attemptFiles.order}`);
  // Whoever stops the group waits for the trainer's end, and so do we, to write it down.
  process.on('SIGTERM', () => undefined);
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  if (!(await linkRecord(attempt, attemptFiles.claim, await ownClaim()))) return;

  const ended = await runCommand(attempt, todo);
  await linkRecord(attempt, attemptFiles.exit, ended);
  // Whatever the trainer left running in its group ends with it, this process included.
  signalGroup(process.pid, 'SIGKILL');
}

async function ownClaim(): Promise<RunnerClaim> {
  const started = await processStart(process.pid);
  if (started === null) throw new Error('the start time of this process could not be read');
  return {
    kind: 'runner',
    host: os.hostname(),
    boot_id: await bootId(),
    pid: process.pid,
    process_started: started,
    at: new Date().toISOString(),
  };
}

async function runCommand(attempt: string, todo: Order): Promise<Exit> {
  const begun = Date.now();
  const logFile = path.join(attempt, attemptFiles.log);
  const log = openSync(logFile, 'a', 0o600);
  const [program = '', ...args] = todo.command;
  let check: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Exit>((resolve) => {
      const exit = (code: number | null, signal: string | null, error: string | null) =>
        resolve({
          code,
          signal,
          error,
          seconds: (Date.now() - begun) / 1000,
          at: new Date().toISOString(),
        });
      // Not detached: the trainer belongs to the runner's process group, by which both are found and killed.
      const trainer = spawn(program, args, { cwd: todo.working_directory, stdio: ['ignore', log, log] });
      trainer.once('error', (error) => exit(null, null, `${error.message} (in ${todo.working_directory})`));
      trainer.once('exit', (code, signal) => exit(code, signal, null));
      let seen: Watched | null = null;
      let stopping = false;
      let measuring = false;
      const holdMemory = async (limitBytes: number) => {
        measuring = true;
        const takers = await takersOfMemory(process.pid, limitBytes).catch(() => []);
        measuring = false;
        if (takers.length === 0) return;
        stopping = true;
        await noteStop(attempt, 'TrainingOutOfMemory');
        // At once: who was asked first would go on taking.
        for (const pid of takers) signalProcess(pid, 'SIGKILL');
      };
      check = setInterval(() => {
        try {
          cutLog(logFile, todo.log_limit_bytes);
        } catch {
          // A folder that is gone, a full disk: the training goes on.
        }
        if (stopping) return;
        if (todo.memory_limit_bytes !== null && !measuring) void holdMemory(todo.memory_limit_bytes);
        seen = look(seen, { at: Date.now(), log_changed_at: 0 }, checkMs);
        if (seen.running_ms < todo.timeout_ms) return;
        stopping = true;
        void stopTrainer(attempt, 'TrainingTimedOut', trainer.pid);
      }, checkMs);
    });
  } finally {
    clearInterval(check);
    closeSync(log);
  }
}

/** Before the deed, which a full disk does not put off. */
async function noteStop(attempt: string, reason: StopReason): Promise<void> {
  await linkRecord(attempt, attemptFiles.stop, { reason, at: new Date().toISOString() }).catch(() => false);
}

async function stopTrainer(attempt: string, reason: StopReason, trainer: number | undefined): Promise<void> {
  await noteStop(attempt, reason);
  signalGroup(process.pid, 'SIGTERM');
  setTimeout(() => {
    if (trainer !== undefined) signalProcess(trainer, 'SIGKILL');
  }, killGraceMs).unref();
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}
