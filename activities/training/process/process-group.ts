import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RunnerClaim } from './attempt-files.ts';

const run = promisify(execFile);

interface Process {
  readonly pid: number;
  readonly group: number;
  readonly zombie: boolean;
  readonly started: string;
}

/** This machine since it was started, so that a pid of before is not taken for one of now. */
export async function bootId(): Promise<string> {
  const file = '/proc/sys/kernel/random/boot_id';
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

/** What with the pid names a process for good; null where there is no such process. */
export async function processStart(pid: number): Promise<string | null> {
  return (await findProcess(pid))?.started ?? null;
}

/**
 * `elsewhere` is unknown, not dead: only the claim's own host can tell. A group outlives its leader (a runner that was
 * killed while the trainer lives), and the system gives a pid to nobody else while a group bears it.
 */
export async function groupState(claim: RunnerClaim): Promise<'alive' | 'dead' | 'elsewhere'> {
  if (claim.host !== os.hostname()) return 'elsewhere';
  if (claim.boot_id !== (await bootId())) return 'dead';
  const leader = await findProcess(claim.pid);
  if (leader && leader.started !== claim.process_started) return 'dead';
  if (leader && !leader.zombie) return 'alive';
  const members = await findMembers(claim.pid);
  return members.some(({ zombie }) => !zombie) ? 'alive' : 'dead';
}

/** SIGTERM, up to `graceMs`, SIGKILL; returns whether anything was alive, and only when nothing is any more. */
export async function killGroup(claim: RunnerClaim, graceMs = 5_000): Promise<boolean> {
  if ((await groupState(claim)) !== 'alive') return false;
  signalGroup(claim.pid, 'SIGTERM');
  if (await diesWithin(claim, graceMs)) return true;
  signalGroup(claim.pid, 'SIGKILL');
  if (await diesWithin(claim, 10_000)) return true;
  throw new Error(`process group ${claim.pid} survived SIGKILL`);
}

export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function diesWithin(claim: RunnerClaim, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    if ((await groupState(claim)) === 'dead') return true;
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
}

async function findProcess(pid: number): Promise<Process | null> {
  if (process.platform === 'linux') return readProc(pid);
  return (await listWithPs()).find((found) => found.pid === pid) ?? null;
}

export async function findMembers(group: number): Promise<readonly Process[]> {
  if (process.platform !== 'linux') return (await listWithPs()).filter((found) => found.group === group);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(readProc));
  return found.filter((candidate) => candidate !== null).filter((candidate) => candidate.group === group);
}

/** proc(5): the name may hold anything, so fields are counted from its closing bracket: state, ppid, pgrp … starttime. */
async function readProc(pid: number): Promise<Process | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group = '0'] = fields;
  return { pid, group: Number(group), zombie: state === 'Z' || state === 'X', started: fields[19] ?? '' };
}

async function listWithPs(): Promise<readonly Process[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,pgid=,stat=,lstart='], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, group, state, started] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (!pid || !group || !state || !started) return [];
    return [{ pid: Number(pid), group: Number(group), zombie: state.startsWith('Z'), started }];
  });
}
