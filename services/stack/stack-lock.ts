import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, processIdentity } from './process-identity.ts';
import { readJson } from './read-json.ts';

/**
 * One supervisor a state folder. The file names the holder by pid and start time, so that a dead holder's file, or a
 * pid used again, locks nobody out.
 *
 * @returns the pid of the supervisor that holds it, or undefined where it is ours now
 */
export function takeLock(file: string): number | undefined {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('This process cannot read its own start time.');
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(own));
  try {
    for (;;) {
      try {
        // A link appears with its whole content, or fails where a file exists: nobody reads half a lock.
        linkSync(aside, file);
        return undefined;
      } catch {
        const holder = readJson(file, processIdentity);
        if (holder !== undefined && isAlive(holder)) return holder.pid;
        rmSync(file, { force: true });
      }
    }
  } finally {
    rmSync(aside, { force: true });
  }
}
