import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AttemptResult, ModelDefinition } from '@watchtower/contracts';
import { attemptFolder } from '../attempt-folder.ts';
import { type AttemptProgress, reasonToStop, watchedEarlier } from '../attempt-progress.ts';
import { outcomeOf, type StopReason } from '../stop-reason.ts';
import { look, type Watched } from '../time-awake.ts';
import type { AttemptEnd, AttemptKey, AttemptWatch } from '../trainer.ts';
import { writeLog } from '../written-log.ts';
import { type AttemptState, type AttemptView, stateOf } from './attempt-state.ts';
import { beginPhase, type DockerContext } from './begin-phase.ts';
import { followContainerLog, wholeLog } from './container-log.ts';
import { limitsOf, phaseName, workspaceName } from './container-spec.ts';
import type { Engine } from './engine.ts';
import { assertOwnEngine } from './engine-of-attempt.ts';
import { OutputRefused, takeOutput } from './output-archive.ts';
import { type Phase, phasesOf } from './phases.ts';
import { outputPath } from './workspace-paths.ts';

const lookEveryMs = 500;
const stopGraceSeconds = 5;

/**
 * Takes an attempt from phase to phase until it ends, from whatever state it is in.
 *
 * @param clock milliseconds since the epoch
 */
export async function observeAttempt(
  context: DockerContext,
  key: AttemptKey,
  definition: ModelDefinition,
  watch: AttemptWatch,
  clock: () => number = Date.now,
): Promise<AttemptEnd> {
  const { engine, ledger, environment } = context;
  const handle = await ledger.handle(key);
  if (handle) assertOwnEngine(key, handle, await ownEngine(engine));
  const limits = limitsOf(environment, definition);
  const phases = phasesOf(environment, definition);
  const log = followContainerLog(engine);
  let seen: Watched | null = watchedEarlier(watch.earlier);
  for (;;) {
    const view = await viewOf(engine, key, phases);
    const state = stateOf(view);
    if (state.kind === 'due') {
      const begun = await beginPhase(context, key, definition, state.phase);
      if (begun === 'stopped') return endOf(context, key, definition, view, { kind: 'lost' });
    } else if (state.kind === 'running') {
      const name = phaseName(key, state.phase.name);
      const { lines, last_line, changed_at } = await log.read(name);
      const at = clock();
      seen = look(seen, { at, log_changed_at: changed_at }, lookEveryMs);
      const seconds = Math.round((at - (view.workspace?.started_at ?? at)) / 1000);
      watch.beat({ seconds, log_lines: lines, last_line, watched: seen } satisfies AttemptProgress);
      const reason = reasonToStop(definition, seen, 0, limits.timeout_ms);
      if (reason) {
        await ledger.noteStop(key, reason);
        await engine.stop(name, stopGraceSeconds);
      }
    } else return endOf(context, key, definition, view, state);
    await watch.pause(lookEveryMs);
  }
}

async function ownEngine(engine: Engine): Promise<{ readonly id: string; readonly host: string }> {
  const { id, name } = await engine.identity();
  return { id, host: name };
}

async function viewOf(engine: Engine, key: AttemptKey, phases: readonly Phase[]): Promise<AttemptView> {
  // The workspace last: a phase that is seen to have ended did so before a workspace that is seen to run.
  const found = await Promise.all(
    phases.map(async (phase) => ({ phase, state: await engine.inspect(phaseName(key, phase.name)) })),
  );
  return { phases: found, workspace: await engine.inspect(workspaceName(key)) };
}

type Ending = Exclude<AttemptState, { kind: 'due' | 'running' }>;

async function endOf(
  { engine, ledger, environment }: DockerContext,
  key: AttemptKey,
  definition: ModelDefinition,
  view: AttemptView,
  ending: Ending,
): Promise<AttemptEnd> {
  const folder = attemptFolder(environment.WORKSPACE_BASE_DIR, key);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = await gatherLog(engine, key, view);
  let { status, failure_code } = outcomeOfEnding(ending, await reasonOf(ledger, key));
  let said = ending.kind === 'ended' ? ending.state.error : '';
  let output_file: string | null = null;
  if (status === 'succeeded' && definition.retrain.docker.network === 'none') {
    const file = path.join(folder, `output.${randomUUID()}.tar`);
    const tar = await engine.get(workspaceName(key), outputPath);
    try {
      // There is no folder where the job removed it, or where the workspace went.
      const kept = tar === null ? await engine.inspect(workspaceName(key)) : null;
      if (tar === null && kept?.status !== 'running') status = 'lost';
      await takeOutput(tar, file, limitsOf(environment, definition).workspace_bytes);
      output_file = file;
    } catch (error) {
      if (!(error instanceof OutputRefused)) throw error;
      status = 'failed';
      failure_code = 'TrainingFailed';
      said = `The job's output can't be taken: ${error.message}.`;
    }
  }
  const whole = said === '' ? log : Buffer.concat([log, Buffer.from(`\n[watchtower: ${said}]\n`)]);
  const written = await writeLog(folder, whole).catch(async (error: unknown) => {
    if (output_file !== null) await rm(output_file, { force: true });
    throw error;
  });
  return {
    attempt: key.attempt,
    status,
    failure_code,
    exit_code: ending.kind === 'ended' ? ending.state.exit_code : null,
    ...written,
    seconds: secondsOf(view),
    output_file,
    made: output_file === null ? [written.log_file] : [written.log_file, output_file],
  };
}

async function reasonOf(ledger: DockerContext['ledger'], key: AttemptKey): Promise<StopReason | null> {
  return (await ledger.stopped(key.training_id)) ? 'TrainingCancelled' : ledger.stopReason(key);
}

function outcomeOfEnding(
  ending: Ending,
  reason: StopReason | null,
): Pick<AttemptResult, 'status' | 'failure_code'> {
  if (ending.kind === 'lost') return outcomeOf(null, reason);
  if (ending.kind === 'out_of_time') return outcomeOf(null, reason ?? 'TrainingTimedOut');
  const { exit_code, out_of_memory, error } = ending.state;
  const outcome = outcomeOf({ code: error === '' ? exit_code : null }, reason);
  if (outcome.failure_code !== 'TrainingFailed') return outcome;
  if (out_of_memory) return { status: 'failed', failure_code: 'TrainingOutOfMemory' };
  return ending.phase.name === 'train' ? outcome : { status: 'failed', failure_code: 'TrainingSetupFailed' };
}

async function gatherLog(engine: Engine, key: AttemptKey, { phases }: AttemptView): Promise<Buffer> {
  const begun = phases.filter(({ state }) => state !== null);
  const parts = await Promise.all(
    begun.map(async ({ phase }) => {
      const log = await wholeLog(engine, phaseName(key, phase.name));
      return begun.length === 1 ? log : Buffer.concat([Buffer.from(`[watchtower: ${phase.name}]\n`), log]);
    }),
  );
  return Buffer.concat(parts);
}

function secondsOf({ workspace, phases }: AttemptView): number {
  const began = workspace?.started_at ?? 0;
  const ended = Math.max(0, ...phases.map(({ state }) => state?.finished_at ?? 0));
  return began === 0 ? 0 : Math.max(0, (ended - began) / 1000);
}
