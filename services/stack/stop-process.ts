import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** Signals a whole process group, or what is left of it; one that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody left.
  }
}

/** Stops the group a process leads: with its signal, and after `graceMs` by force. */
export async function stopGroup(
  leader: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!isAlive(leader)) return;
  signalGroup(leader.pid, signal);
  const deadline = Date.now() + graceMs;
  while (isAlive(leader) && Date.now() < deadline) await sleep(50);
  signalGroup(leader.pid, 'SIGKILL');
}
