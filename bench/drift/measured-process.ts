import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface MeasuredProcess {
  readonly seconds: number;
  /** Processor seconds of the process and its children. */
  readonly cpuSeconds: number | null;
  /** Largest resident memory in MiB, where the system tells (Linux). */
  readonly peakMebibytes: number | null;
  readonly stdout: string;
}

/** Runs a program to its end. @throws where it ends with a code above 1 (1 is "drift") */
export function measureProcess(command: readonly string[]): Promise<MeasuredProcess> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString();
    });
    const seen = { peak: 0, cpu: 0 };
    const timer = setInterval(() => look(child.pid, seen), 15);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code === null || code > 1) {
        reject(new Error(`${program} ended with ${code}`));
        return;
      }
      resolve({
        seconds: (performance.now() - began) / 1000,
        cpuSeconds: seen.cpu || null,
        peakMebibytes: seen.peak || null,
        stdout,
      });
    });
  });
}

/** What Linux says of a process that still runs: VmHWM only grows, so the last look counts. */
function look(pid: number | undefined, seen: { peak: number; cpu: number }): void {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1];
    if (kilobytes !== undefined) seen.peak = Math.max(seen.peak, Number(kilobytes) / 1024);
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // Fields 14 and 15 of proc(5), in hundredths of a second.
    seen.cpu = (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
  } catch {
    // It has just ended, or this is not Linux.
  }
}
