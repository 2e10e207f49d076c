import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stages of the set-up, each with a key made of its inputs. A stage is skipped where its key is the one noted when it
 * last succeeded and its result is still there; the note is withdrawn before its work begins, so that a stage that
 * was interrupted is done again.
 *
 * @param {string} home folder of `setup.json`
 * @param {(line: string) => void} say
 */
export async function createStages(home, say) {
  const file = join(home, 'setup.json');
  const unlock = await lock(join(home, 'setup.lock'), say);
  const done = readNotes(file);
  const write = () => {
    writeFileSync(`${file}.new`, `${JSON.stringify(done, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  };
  return {
    close: unlock,
    skip: (name, why) => say(`· ${name}: ${why}`),
    async run({ name, key, isPresent, work }) {
      if (done[name] === key && isPresent()) {
        say(`· ${name}: up to date`);
        return;
      }
      say(`… ${name}`);
      delete done[name];
      write();
      const started = Date.now();
      try {
        await work();
      } catch (error) {
        say(`✖ ${name} ${seconds(started)}`);
        throw error;
      }
      done[name] = key;
      write();
      say(`✔ ${name} ${seconds(started)}`);
    },
  };
}

const seconds = (started) => `${((Date.now() - started) / 1000).toFixed(1)} s`;

/** @returns {string} SHA-256 of the files' contents and of the other inputs */
export function digestOfFiles(root, files, others) {
  const hash = createHash('sha256').update(JSON.stringify(others));
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function readNotes(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** Two commands started at once do not install over each other; a lock whose owner is gone is taken over. */
async function lock(file, say) {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, String(process.pid));
  let waiting = false;
  try {
    while (!taken(aside, file)) {
      if (!isAlive(Number(readFileSync(file, 'utf8')))) rmSync(file, { force: true });
      else {
        if (!waiting) say('… another set-up of this folder is at work: waiting for it');
        waiting = true;
        await sleep(250);
      }
    }
  } finally {
    rmSync(aside, { force: true });
  }
  const unlock = () => {
    process.removeListener('exit', unlock);
    rmSync(file, { force: true });
  };
  process.once('exit', unlock);
  return unlock;
}

function taken(aside, file) {
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
