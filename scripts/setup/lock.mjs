import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOf } from './process-identity.mjs';

/**
 * Two commands started at once do not install over each other. The file names its holder by pid and start time: one
 * whose holder is gone is taken over.
 *
 * @param {string} file
 * @param {(line: string) => void} say told once where somebody else is at work
 * @param {AbortSignal} [signal] ends the waiting
 * @returns {Promise<() => void>} releases it; so does the end of this process
 */
export async function takeLock(file, say, signal) {
  const aside = `${file}.${process.pid}`;
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  let waiting = false;
  writeFileSync(aside, own);
  try {
    while (!taken(aside, file)) {
      const holder = read(file);
      // Released between the two looks: the next one decides.
      if (holder === undefined) continue;
      if (!isAlive(holder)) {
        removeLeft(file, `${aside}.left`);
        continue;
      }
      if (!waiting) say('… another set-up of this folder is at work: waiting for it');
      waiting = true;
      await sleep(250, undefined, { signal });
    }
  } finally {
    rmSync(aside, { force: true });
  }
  const release = () => {
    process.removeListener('exit', release);
    if (read(file) === own) rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

/** A link appears with its whole content, or fails where a file exists: nobody reads half a lock. */
function taken(aside, file) {
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(text) {
  try {
    const { pid, started } = JSON.parse(text);
    return started !== undefined && startOf(pid) === started;
  } catch {
    return false;
  }
}

/** Renamed before it goes: where somebody took the lock over meanwhile, it is theirs that was moved, and it is put back. */
function removeLeft(file, left) {
  try {
    renameSync(file, left);
    if (isAlive(read(left))) linkSync(left, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(left, { force: true });
  }
}
