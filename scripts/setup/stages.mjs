import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './lock.mjs';

/**
 * Stages of the set-up, each with a key made of its inputs. A stage is skipped where its key is the one noted when it
 * last succeeded and its result is still there; the note is withdrawn before its work begins, so that a stage that
 * was interrupted is done again.
 *
 * @param {string} home folder of `setup.json`
 * @param {(line: string) => void} say
 * @param {AbortSignal} [signal] no stage begins after it
 */
export async function createStages(home, say, signal) {
  const file = join(home, 'setup.json');
  const unlock = await takeLock(join(home, 'setup.lock'), say, signal);
  const done = readNotes(file);
  const write = () => {
    writeFileSync(`${file}.new`, `${JSON.stringify(done, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  };
  const timed = async (name, work) => {
    const started = Date.now();
    try {
      await work();
    } catch (error) {
      say(`✖ ${name} ${seconds(started)}`);
      throw error;
    }
    say(`✔ ${name} ${seconds(started)}`);
  };
  return {
    close: unlock,
    skip: (name, why) => say(`· ${name}: ${why}`),
    async run({ name, key, isPresent, work }) {
      signal?.throwIfAborted();
      if (done[name] === key && isPresent()) {
        say(`· ${name}: up to date`);
        return;
      }
      say(`… ${name}`);
      delete done[name];
      write();
      await timed(name, async () => {
        await work();
        done[name] = key;
        write();
      });
    },
    /** For work that finds out by itself, at once, what there is to do. */
    async always({ name, work }) {
      signal?.throwIfAborted();
      const lasting = setTimeout(() => say(`… ${name}`), 1500);
      try {
        await timed(name, work);
      } finally {
        clearTimeout(lasting);
      }
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
