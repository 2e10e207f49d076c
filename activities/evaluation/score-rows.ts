import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  type Environment,
  type ModelDefinition,
  milliseconds,
  type RunId,
  WatchtowerError,
} from '@watchtower/contracts';
import { z } from 'zod';
import type { Progress } from '../progress.ts';
import { environmentFor } from './model-environment.ts';
import { describeEnd, lastLines } from './python-end.ts';
import { type PythonEnd, runPython } from './python-process.ts';
import { scoringEnvironment } from './scrubbed-environment.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('scored'), rows: z.int().min(0) }),
  z.object({
    status: z.literal('environment_needed'),
    requirements: z.array(z.string()),
    missing: z.array(z.string()),
  }),
]);

export interface Scoring {
  readonly environment: Environment;
  readonly definition: ModelDefinition;
  readonly run_id: RunId;
  readonly version: { readonly registered_model: string; readonly version: string };
  /** Parquet file with the held-out rows. */
  readonly rows: string;
  readonly progress: Progress;
}

/**
 * Scores the rows in a process of its own, never in ours: with the project's Python where it meets the
 * model's requirements, else with an environment made for them. `use` is given the Parquet file of
 * predictions (one column, `prediction`, in the order of the rows), which is removed afterwards.
 *
 * @throws WatchtowerError `ScoringFailed` with the scorer's last lines, `EnvironmentFailed`,
 * `MlflowUnavailable`
 */
export async function scoreRows<Result>(
  scoring: Scoring,
  use: (predictions: string) => Promise<Result>,
): Promise<Result> {
  const workspace = path.resolve(scoring.environment.WORKSPACE_BASE_DIR);
  const python = pythonPath(scoring.environment.PYTHON);
  const folder = await freshFolder(workspace, scoring);
  try {
    const first = await score(scoring, folder, python, false);
    if (first.status === 'environment_needed') {
      scoring.progress.line(`building an environment: ${first.missing.join(', ')}`);
      const own = await environmentFor(first.requirements, { python, workspace, progress: scoring.progress });
      const second = await score(scoring, folder, own, true);
      if (second.status !== 'scored') throw failed(scoring, 'its own environment lacks what it needs');
    }
    return await use(path.join(folder, 'predictions.parquet'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A path that names a file holds whatever folder the scorer runs in; a bare name is looked up on the PATH.
 */
const pythonPath = (python: string): string =>
  python.includes(path.sep) && existsSync(python) ? path.resolve(python) : python;

/** A folder of this attempt alone; what an earlier one that was killed left behind goes. */
async function freshFolder(workspace: string, { run_id, version }: Scoring): Promise<string> {
  const parent = path.join(workspace, 'evaluations', run_id);
  await mkdir(parent, { recursive: true });
  const prefix = `${version.version}-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const folder = path.join(parent, `${prefix}${randomUUID()}`);
  await mkdir(path.join(folder, 'home'), { recursive: true });
  return folder;
}

async function score(scoring: Scoring, folder: string, python: string, ownEnvironment: boolean) {
  const { definition, version, environment, progress } = scoring;
  const answer = path.join(folder, 'answer.json');
  const job = path.join(folder, 'job.json');
  await writeFile(
    job,
    JSON.stringify({
      model_uri: `models:/${version.registered_model}/${version.version}`,
      model_folder: path.join(folder, 'model'),
      own_environment: ownEnvironment,
      rows: scoring.rows,
      predictions: path.join(folder, 'predictions.parquet'),
      answer,
      output: definition.evaluate.output,
      positive_class: definition.evaluate.positive_class,
      hidden_columns: hiddenColumns(definition),
      memory_bytes: Math.floor(os.totalmem() * 0.75),
    }),
  );
  const home = path.join(folder, 'home');
  const end = await runPython({
    python,
    script: path.join(import.meta.dirname, 'scorer', 'score.py'),
    job,
    directory: folder,
    environment: scoringEnvironment(environment, home),
    timeout: milliseconds(definition.evaluate.timeout),
    signal: progress.signal,
    onLine: progress.line,
  });
  if (end.kind !== 'exited' || end.status !== 0) throw failureOf(scoring, end);
  return answerSchema.parse(JSON.parse(await readFile(answer, 'utf8')));
}

/** Columns a model without a signature must not be shown. */
function hiddenColumns({ data }: ModelDefinition): readonly string[] {
  const hidden = new Set([data.target, data.time_column]);
  if (data.prediction !== undefined) hidden.add(data.prediction);
  for (const [name, { role }] of Object.entries(data.columns)) {
    if (role !== undefined && role !== 'feature') hidden.add(name);
  }
  return [...hidden];
}

function failureOf(scoring: Scoring, end: PythonEnd): WatchtowerError {
  const stderr = 'stderr' in end ? withoutSecrets(lastLines(end.stderr), scoring.environment) : '';
  if (end.kind === 'exited' && end.status === 3) return new WatchtowerError('MlflowUnavailable', stderr);
  return failed(scoring, `the scorer ${describeEnd(end)}${stderr === '' ? '' : `: ${stderr}`}`);
}

const failed = ({ version }: Scoring, why: string): WatchtowerError =>
  new WatchtowerError(
    'ScoringFailed',
    `Version ${version.version} of ${version.registered_model} could not score the held-out rows: ${why}`,
  );

function withoutSecrets(text: string, environment: Environment): string {
  const secrets = [environment.MLFLOW_TRACKING_PASSWORD, environment.MLFLOW_TRACKING_TOKEN];
  return secrets.reduce<string>(
    (cleaned, secret) => (secret === undefined ? cleaned : cleaned.replaceAll(secret, '(not shown)')),
    text,
  );
}
