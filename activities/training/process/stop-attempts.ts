import { mkdir } from 'node:fs/promises';
import type { TrainingId } from '@watchtower/contracts';
import { WatchtowerError } from '@watchtower/contracts';
import { type AttemptFolder, attemptFolder, listAllAttempts, listAttempts } from '../attempt-folder.ts';
import type { StopReason } from '../stop-reason.ts';
import { attemptFiles, claim, exit, linkRecord, type RunnerClaim, readRecord } from './attempt-files.ts';
import { groupState, killGroup } from './process-group.ts';

/**
 * Ends a training for good: what lives is killed, what is starting up finds a tombstone in its place, and so does an
 * attempt that somebody is about to number next.
 *
 * @throws WatchtowerError `Internal` where an attempt runs on another host
 */
export async function stopTraining(workspace: string, trainingId: TrainingId): Promise<number> {
  const attempts = await listAttempts(workspace, trainingId);
  const next = (attempts.at(-1)?.attempt ?? 0) + 1;
  const folder = attemptFolder(workspace, { training_id: trainingId, attempt: next });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const every = [{ folder, attempt: next }, ...attempts];
  const stopped = await Promise.all(every.map((each) => stopAttempt(each, 'TrainingCancelled')));
  return stopped.filter(Boolean).length;
}

/**
 * Kills every attempt of a workspace that lives on this host: for the stack's shutdown, so that it leaves no orphan.
 * The trainings themselves go on when the stack does: such an attempt counts as lost, and the next one follows.
 *
 * @returns how many were alive
 */
export async function stopAllAttempts(workspaceDir: string): Promise<number> {
  const attempts = await listAllAttempts(workspaceDir);
  const stopped = await Promise.all(
    attempts.map(async (attempt) => {
      const claimed = await readRecord(attempt.folder, attemptFiles.claim, claim);
      if (claimed?.kind === 'runner' && (await groupState(claimed)) === 'elsewhere') return false;
      return stopAttempt(attempt, 'shutdown');
    }),
  );
  return stopped.filter(Boolean).length;
}

/** Whether it was alive. */
async function stopAttempt({ folder, attempt }: AttemptFolder, reason: StopReason): Promise<boolean> {
  const at = new Date().toISOString();
  if (await readRecord(folder, attemptFiles.exit, exit)) return killLeftOver(folder);
  if (await linkRecord(folder, attemptFiles.claim, { kind: 'tombstone', at })) {
    await linkRecord(folder, attemptFiles.stop, { reason, at });
    return false;
  }
  const claimed = await readRecord(folder, attemptFiles.claim, claim);
  if (claimed?.kind !== 'runner') return false;
  if ((await groupState(claimed)) === 'elsewhere') throw aliveElsewhere(folder, attempt, claimed);
  if ((await groupState(claimed)) !== 'alive') return false;
  await linkRecord(folder, attemptFiles.stop, { reason, at });
  return killGroup(claimed);
}

async function killLeftOver(folder: string): Promise<boolean> {
  const claimed = await readRecord(folder, attemptFiles.claim, claim);
  return claimed?.kind === 'runner' && (await groupState(claimed)) === 'alive' ? killGroup(claimed) : false;
}

function aliveElsewhere(folder: string, attempt: number, { host, pid }: RunnerClaim): WatchtowerError {
  return new WatchtowerError(
    'Internal',
    `Attempt ${attempt} in ${folder} may be alive on host ${host} (process group ${pid}), where this worker can't stop it. It is tried again; start the worker on that host.`,
  );
}
