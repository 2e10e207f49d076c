import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type AttemptHandle,
  type Environment,
  type ModelDefinition,
  type TrainingRequest,
  WatchtowerError,
} from '@watchtower/contracts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey, AttemptOrder } from '../trainer.ts';
import { beginPhase } from './begin-phase.ts';
import {
  attemptLabel,
  jobUser,
  limitsOf,
  phaseLabel,
  trainingLabel,
  workspaceContainer,
  workspaceName,
  workspaceVolume,
} from './container-spec.ts';
import { type Engine, unavailable } from './engine.ts';
import { assertOwnEngine } from './engine-of-attempt.ts';
import { provideImage } from './job-image.ts';
import { phasesOf } from './phases.ts';
import { removeAttempt, removeSettled } from './remove-attempt.ts';
import { listFolder, type PackedFile, packFiles } from './workspace-files.ts';
import { codePath, dataPath, outputPath, requestPath, workspacePath } from './workspace-paths.ts';

/**
 * Makes an attempt's workspace under a name of its own, fills it, and gives it the attempt's name, which only one can
 * have; then its first phase begins. Whoever finds the name taken adopts what bears it.
 */
export async function startAttempt(
  { engine, ledger, environment }: { engine: Engine; ledger: AttemptLedger; environment: Environment },
  { definition, request, attempt }: AttemptOrder,
  signal: AbortSignal,
): Promise<AttemptHandle | null> {
  const key = { training_id: request.training_id, attempt };
  const { id, name: host } = await engine.identity();
  const handle = await ledger.claim(key, {
    trainer: 'docker',
    engine: id,
    host,
    container: workspaceName(key),
    started_at: new Date().toISOString(),
  });
  assertOwnEngine(key, handle, { id, host });
  if (!(await engine.inspect(workspaceName(key)))) {
    await refuseBesideAnother(engine, key);
    await removeSettled(engine, ledger);
    const image = await provideImage(engine, environment, definition, signal);
    await makeWorkspace(engine, environment, key, { image, definition, request });
  }
  const [first] = phasesOf(environment, definition);
  if (first && (await beginPhase({ engine, ledger, environment }, key, definition, first)) === 'stopped') {
    await removeAttempt(engine, key);
    return null;
  }
  return handle;
}

async function makeWorkspace(
  engine: Engine,
  environment: Environment,
  key: AttemptKey,
  {
    image,
    definition,
    request,
  }: {
    readonly image: string;
    readonly definition: ModelDefinition;
    readonly request: TrainingRequest;
  },
): Promise<void> {
  const limits = limitsOf(environment, definition);
  const files = await workspaceFiles(definition, request, limits.workspace_bytes);
  const name = `${workspaceName(key)}.${randomUUID().slice(0, 8)}`;
  await engine.createVolume(workspaceVolume(key, name, limits));
  let ours = false;
  try {
    const spec = { name, image, volume: name, mlflowRunId: request.mlflow_run_id };
    await engine.create(workspaceContainer(key, spec, limits));
    const problem = await engine.start(name);
    if (problem?.may_pass) throw unavailable(engine.address, `start ${name}`, new Error(problem.message));
    if (problem) throw cannotSleep(image, problem.message);
    await engine.put(name, workspacePath, packFiles(files, jobUser));
    ours = await engine.rename(name, workspaceName(key));
  } finally {
    if (!ours) {
      await engine.remove(name);
      await engine.removeVolume(name);
    }
  }
}

/** What a job finds in its workspace; the request names the data by where it is there. */
async function workspaceFiles(
  definition: ModelDefinition,
  request: TrainingRequest,
  limitBytes: number,
): Promise<readonly PackedFile[]> {
  const { retrain, base_dir } = definition;
  const inside = (absolute: string) => path.posix.relative(workspacePath, absolute);
  const data = request.data_path === null ? [] : await dataFile(request.data_path, inside(dataPath));
  const seen = { ...request, data_path: request.data_path === null ? null : dataPath };
  const code = retrain.docker.clone
    ? []
    : [
        { name: inside(codePath), folder: true } as const,
        ...(await listFolder(
          path.resolve(base_dir, retrain.working_directory),
          inside(codePath),
          limitBytes,
        )),
      ];
  return [
    { name: inside(requestPath), content: `${JSON.stringify(seen, null, 2)}\n` },
    { name: inside(outputPath), folder: true },
    ...data,
    ...code,
  ];
}

async function refuseBesideAnother(engine: Engine, { training_id, attempt }: AttemptKey): Promise<void> {
  const found = await engine.list([`${trainingLabel}=${training_id}`]);
  const alive = found.find(
    ({ running, labels }) =>
      running && labels[phaseLabel] !== 'workspace' && Number(labels[attemptLabel]) < attempt,
  );
  if (!alive) return;
  throw new WatchtowerError(
    'TrainerNotStarted',
    `Attempt ${attempt} of ${training_id} can't begin while the container ${alive.name} runs. It is tried again.`,
  );
}

async function dataFile(file: string, name: string): Promise<readonly PackedFile[]> {
  const { size } = await stat(file);
  return [{ name, file, bytes: size, executable: false }];
}

function cannotSleep(image: string, problem: string): WatchtowerError {
  return new WatchtowerError(
    'TrainerRejected',
    `The image ${image} can't keep a workspace: its program "sleep" did not start (${problem.slice(0, 300)}). Use an image that has one, such as python:3.11-slim.`,
  );
}
