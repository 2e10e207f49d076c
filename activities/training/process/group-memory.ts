import { readFile } from 'node:fs/promises';
import { findMembers } from './process-group.ts';

/**
 * The processes of a group, but for its leader, where they hold more memory than they may; else none. Told by Linux alone:
 * elsewhere there is no limit.
 */
export async function takersOfMemory(group: number, limitBytes: number): Promise<readonly number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await findMembers(group)).map(({ pid }) => pid).filter((pid) => pid !== group);
  if ((await sumOf(pids, residentBytes)) <= limitBytes) return [];
  // What processes share is counted once: that takes the kernel longer, and is asked where it matters.
  return (await sumOf(pids, proportionalBytes)) <= limitBytes ? [] : pids;
}

async function sumOf(pids: readonly number[], bytesOf: (pid: number) => Promise<number>): Promise<number> {
  const all = await Promise.all(pids.map(bytesOf));
  return all.reduce((sum, bytes) => sum + bytes, 0);
}

const residentBytes = (pid: number): Promise<number> =>
  readKibibytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m);

async function proportionalBytes(pid: number): Promise<number> {
  return (await readKibibytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m)) || residentBytes(pid);
}

/** Zero where there is no such process, or it may not be read. */
async function readKibibytes(file: string, line: RegExp): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(line.exec(text)?.[1] ?? 0) * 1024;
}
