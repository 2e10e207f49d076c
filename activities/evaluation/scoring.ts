import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  type Environment,
  type JsonObject,
  type ModelDefinition,
  milliseconds,
  type RunId,
  WatchtowerError,
} from '@watchtower/contracts';
import type { Progress } from '../progress.ts';
import { canFork, scoreForked } from './fork-server.ts';
import { describeEnd, lastLines } from './python-end.ts';
import { type PythonEnd, runPython } from './python-process.ts';
import { scorerProgram } from './scorer-program.ts';

/** One model's scoring of the held-out rows. */
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
 * Runs one of the scorer's programs in the scoring's folder, with that environment and no other.
 *
 * @throws WatchtowerError `ScoringFailed` with the program's last lines, `MlflowUnavailable`
 */
export async function runScorer(
  scoring: Scoring,
  program: 'download_model' | 'check_requirements' | 'score',
  run: {
    readonly python: string;
    readonly folder: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly job: JsonObject;
  },
): Promise<void> {
  const { definition, progress } = scoring;
  const job = path.join(run.folder, `${program}.json`);
  // Leaves the worker room beside the model.
  const memory_bytes = Math.floor(os.totalmem() * 0.75);
  await writeFile(job, JSON.stringify({ ...run.job, memory_bytes }));
  const work = {
    python: run.python,
    job,
    directory: run.folder,
    environment: run.environment,
    timeout: milliseconds(definition.evaluate.timeout),
    signal: progress.signal,
    onLine: progress.line,
  };
  const workspace = path.resolve(scoring.environment.WORKSPACE_BASE_DIR);
  const end =
    program === 'score' && canFork
      ? await scoreForked({ ...work, workspace })
      : await runPython({ ...work, script: scorerProgram(program) });
  if (end.kind !== 'exited' || end.status !== 0) throw failureOf(scoring, end);
}

function failureOf({ environment, version }: Scoring, end: PythonEnd): WatchtowerError {
  const stderr = 'stderr' in end ? withoutSecrets(lastLines(end.stderr), environment) : '';
  if (end.kind === 'exited' && end.status === 3) return new WatchtowerError('MlflowUnavailable', stderr);
  const why = `the scorer ${describeEnd(end)}${stderr === '' ? '' : `: ${stderr}`}`;
  return new WatchtowerError(
    'ScoringFailed',
    `Version ${version.version} of ${version.registered_model} could not score the held-out rows: ${why}`,
  );
}

function withoutSecrets(text: string, environment: Environment): string {
  const secrets = [environment.MLFLOW_TRACKING_PASSWORD, environment.MLFLOW_TRACKING_TOKEN];
  return secrets.reduce<string>(
    (cleaned, secret) => (secret === undefined ? cleaned : cleaned.replaceAll(secret, '(not shown)')),
    text,
  );
}
