import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttemptHandle,
  bytes,
  type Environment,
  milliseconds,
  type TrainingRequest,
  WatchtowerError,
} from '@watchtower/contracts';
import { attemptFolder } from '../attempt-folder.ts';
import type { AttemptOrder } from '../trainer.ts';
import { trainerCommand, trainerEnvironment } from '../trainer-environment.ts';
import { attemptFiles, type Claim, claim, type Order, readRecord, writeRecord } from './attempt-files.ts';
import { groupState } from './process-group.ts';
import { runnerProgram } from './runner-program.ts';

/** Below the heartbeat timeout of the activity, which has no progress to show meanwhile. */
const claimLimitMs = 15_000;
const logLimitBytes = 16 * 1024 * 1024;

type ProcessHandle = Extract<AttemptHandle, { trainer: 'process' }>;

/**
 * Starts the attempt's runner, detached, unless somebody did; of two at once, one claims and the other exits.
 *
 * @returns null where a tombstone stands in its place: nothing of it began, and nothing can
 * @throws WatchtowerError `TrainerNotStarted`
 */
export async function startAttempt(
  environment: Environment,
  { definition, request, attempt }: AttemptOrder,
  logLimit: number = logLimitBytes,
): Promise<ProcessHandle | null> {
  const key = { training_id: request.training_id, attempt };
  const folder = attemptFolder(environment.WORKSPACE_BASE_DIR, key);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const adopted = await readRecord(folder, attemptFiles.claim, claim);
  if (adopted) return handleOf(adopted);
  await refuseBesideAnother(environment.WORKSPACE_BASE_DIR, request.training_id, attempt);

  const requestFile = path.join(folder, attemptFiles.request);
  const { retrain, base_dir } = definition;
  const order: Order = {
    command: [...trainerCommand(environment, definition)],
    working_directory: path.resolve(base_dir, retrain.working_directory),
    timeout_ms: milliseconds(retrain.timeout),
    memory_limit_bytes: retrain.process?.memory === undefined ? null : bytes(retrain.process.memory),
    log_limit_bytes: logLimit,
  };
  await writeRecord(folder, attemptFiles.request, request);
  await writeRecord(folder, attemptFiles.order, order);
  const variables = trainerEnvironment(environment, definition, {
    requestFile,
    mlflowRunId: request.mlflow_run_id,
  });
  return handleOf(await startRunner(folder, variables));
}

/** Waits until the attempt is claimed, by the runner started here or by a faster one. */
async function startRunner(folder: string, variables: Record<string, string>): Promise<Claim> {
  const complaints = path.join(folder, 'runner.log');
  const output = await open(complaints, 'a', 0o600);
  try {
    const runner = spawn(process.execPath, [...runnerProgram(), folder], {
      detached: true,
      cwd: folder,
      env: variables,
      stdio: ['ignore', output.fd, output.fd],
    });
    const gone = new Promise<string>((resolve) => {
      runner.once('error', (error) => resolve(error.message));
      runner.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
    });
    runner.unref();
    const deadline = Date.now() + claimLimitMs;
    for (;;) {
      const ended = await Promise.race([gone, sleep(20, null)]);
      const claimed = await readRecord(folder, attemptFiles.claim, claim);
      if (claimed) return claimed;
      if (ended === null && Date.now() < deadline) continue;
      const said = (await readFile(complaints, 'utf8').catch(() => '')).trim().slice(-500);
      throw new WatchtowerError(
        'TrainerNotStarted',
        `The runner of the attempt in ${folder} did not begin (${ended ?? 'no claim in time'}). ${said}`.trim(),
      );
    }
  } finally {
    await output.close();
  }
}

async function refuseBesideAnother(
  workspace: string,
  training_id: TrainingRequest['training_id'],
  attempt: number,
) {
  for (let former = attempt - 1; former >= 1; former -= 1) {
    const folder = attemptFolder(workspace, { training_id, attempt: former });
    const claimed = await readRecord(folder, attemptFiles.claim, claim);
    if (claimed?.kind !== 'runner' || (await groupState(claimed)) !== 'alive') continue;
    throw new WatchtowerError(
      'TrainerNotStarted',
      `Attempt ${attempt} of ${training_id} can't begin while attempt ${former} is alive (process group ${claimed.pid}). It is tried again.`,
    );
  }
}

function handleOf(claimed: Claim): ProcessHandle | null {
  if (claimed.kind === 'tombstone') return null;
  return { trainer: 'process', host: claimed.host, pid: claimed.pid, started_at: claimed.at };
}
