import { access } from 'node:fs/promises';
import path from 'node:path';
import { type ModelDefinition, WatchtowerError } from '@watchtower/contracts';
import { attemptFolder } from '../attempt-folder.ts';
import { type AttemptProgress, reasonToStop, watchedEarlier } from '../attempt-progress.ts';
import { outcomeOf } from '../stop-reason.ts';
import { look, type Watched } from '../time-awake.ts';
import type { AttemptEnd, AttemptKey, AttemptWatch } from '../trainer.ts';
import {
  attemptFiles,
  claim,
  type Exit,
  exit,
  linkRecord,
  order,
  type RunnerClaim,
  readRecord,
  stop,
} from './attempt-files.ts';
import { cutLog, followLog, logTail } from './attempt-log.ts';
import { groupState, killGroup } from './process-group.ts';

const lookEveryMs = 500;
/** The runner enforces the timeout; this long after it, the observer does. */
const runnerGraceMs = 15_000;

/**
 * Waits for an attempt's end, from whatever state it is in. What there is is read anew each time; how long the training
 * has been quiet, in time awake, is carried on from the observer before, by way of its last heartbeat.
 *
 * @param clock milliseconds since the epoch
 * @throws WatchtowerError `Internal` where the attempt runs on another host (tried again, there perhaps)
 */
export async function observeAttempt(
  workspace: string,
  key: AttemptKey,
  definition: ModelDefinition,
  watch: AttemptWatch,
  clock: () => number = Date.now,
): Promise<AttemptEnd> {
  const folder = attemptFolder(workspace, key);
  const log = followLog(folder);
  let seen: Watched | null = watchedEarlier(watch.earlier);
  for (;;) {
    const ended = await readRecord(folder, attemptFiles.exit, exit);
    const claimed = await readRecord(folder, attemptFiles.claim, claim);
    if (ended) {
      if (claimed?.kind === 'runner' && (await groupState(claimed)) === 'alive') await killGroup(claimed);
      return endOf(folder, key, claimed?.at ?? ended.at, ended);
    }
    if (!claimed) {
      // Nobody began, and from here on nobody can.
      const at = new Date().toISOString();
      await linkRecord(folder, attemptFiles.claim, { kind: 'tombstone', at });
      continue;
    }
    if (claimed.kind === 'tombstone') return endOf(folder, key, claimed.at, null);
    switch (await groupState(claimed)) {
      case 'elsewhere':
        throw runsElsewhere(key, claimed);
      case 'dead':
        // Its last act may have been to write down how it ended.
        return endOf(folder, key, claimed.at, await readRecord(folder, attemptFiles.exit, exit));
      case 'alive':
        break;
    }
    const { lines, last_line, changed_at } = await log.read();
    const at = clock();
    seen = look(seen, { at, log_changed_at: changed_at }, lookEveryMs);
    const seconds = Math.round((at - Date.parse(claimed.at)) / 1000);
    watch.beat({ seconds, log_lines: lines, last_line, watched: seen } satisfies AttemptProgress);
    const reason = reasonToStop(definition, seen, runnerGraceMs);
    if (reason) {
      await linkRecord(folder, attemptFiles.stop, { reason, at: new Date().toISOString() });
      await killGroup(claimed);
      continue;
    }
    await boundLog(folder);
    await watch.pause(lookEveryMs);
  }
}

/** The runner does it, too, while it lives: twice its limit is reached only by an orphaned trainer. */
async function boundLog(folder: string): Promise<void> {
  const ordered = await readRecord(folder, attemptFiles.order, order);
  if (ordered) cutLog(path.join(folder, attemptFiles.log), ordered.log_limit_bytes * 2);
}

async function endOf(
  folder: string,
  { attempt }: AttemptKey,
  begunAt: string,
  ended: Exit | null,
): Promise<AttemptEnd> {
  const stopped = await readRecord(folder, attemptFiles.stop, stop);
  const logFile = path.join(folder, attemptFiles.log);
  const tail = await logTail(logFile);
  const outcome = outcomeOf(ended, stopped?.reason ?? null);
  const until = ended ? Date.parse(ended.at) : Date.parse(stopped?.at ?? begunAt);
  return {
    attempt,
    ...outcome,
    exit_code: ended?.code ?? null,
    log_tail: ended?.error ? `${tail}${ended.error}\n`.slice(-4096) : tail,
    seconds: ended?.seconds ?? Math.max(0, (until - Date.parse(begunAt)) / 1000),
    log_file: (await isThere(logFile)) ? logFile : null,
    output_file: null,
    made: [],
  };
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

function runsElsewhere({ training_id, attempt }: AttemptKey, { host, pid }: RunnerClaim): WatchtowerError {
  return new WatchtowerError(
    'Internal',
    `Attempt ${attempt} of ${training_id} runs on host ${host} (process group ${pid}), where this worker can't look. It is tried again; start the worker on that host, or put the attempt's exit.json into its folder.`,
  );
}
