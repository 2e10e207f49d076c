import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';
import { readJson } from './read-json.ts';
import { StackError } from './stack-error.ts';

/**
 * One supervisor a state folder. The file names the holder by pid and start time, so that a dead holder's file, or a
 * pid used again, locks nobody out.
 *
 * @returns the pid of the supervisor that holds it, or undefined where it is ours now
 * @throws StackError where the folder takes no lock
 */
export function takeLock(file: string): number | undefined {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('This process cannot read its own start time.');
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(own), { mode: 0o600 });
  try {
    while (!linked(aside, file)) {
      const holder = liveHolder(file);
      if (holder !== undefined) return holder.pid;
      removeLeft(file, `${aside}.left`);
    }
    return undefined;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** A link appears with its whole content, or fails where a file exists: nobody reads half a lock. */
function linked(aside: string, file: string): boolean {
  try {
    linkSync(aside, file);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new StackError(
      `The lock ${file} cannot be made (${said}): set WATCHTOWER_HOME to a folder of a local disk that you may write.`,
    );
  }
}

function liveHolder(file: string): ProcessIdentity | undefined {
  const holder = readJson(file, processIdentity);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Renamed before it goes: where somebody took the lock over meanwhile, theirs was moved, and it is put back. */
function removeLeft(file: string, left: string): void {
  try {
    renameSync(file, left);
    if (liveHolder(left) !== undefined) linkSync(left, file);
  } catch (error) {
    // Released, or taken over, between two looks: the next look decides.
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(left, { force: true });
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
