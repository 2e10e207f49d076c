import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a live process began, or undefined where there is none (a zombie counts as none): with its pid it names one
 * process, since pids are used again. The same as services/stack/process-identity.ts, which can't be loaded before
 * the workspace is installed.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export const startOf = (pid) => (process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid));

function startOnLinux(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in parentheses, may hold spaces and parentheses itself.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || fields[18] === undefined) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[18]}`;
  } catch {
    return undefined;
  }
}

function startElsewhere(pid) {
  try {
    // In one language and time zone, so that two readers agree.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const options = { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim() || undefined;
  } catch {
    return undefined;
  }
}
