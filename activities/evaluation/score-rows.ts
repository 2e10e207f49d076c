import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ModelDefinition } from '@watchtower/contracts';
import { checkRequirements } from './check-requirements.ts';
import { downloadModel } from './download-model.ts';
import { environmentFor } from './model-environment.ts';
import { runScorer, type Scoring } from './scoring.ts';
import { scoringEnvironment } from './scrubbed-environment.ts';

/**
 * Scores the rows in a process of its own, never in ours, that has no credentials: with the project's Python where it
 * meets the model's requirements, else with an environment made for them. `use` is given the Parquet file of
 * predictions (one column, `prediction`, in the order of the rows), which is removed afterwards.
 *
 * @throws WatchtowerError `ScoringFailed` with the scorer's last lines, `EnvironmentFailed`, and as `downloadModel`
 */
export async function scoreRows<Result>(
  scoring: Scoring,
  use: (predictions: string) => Promise<Result>,
): Promise<Result> {
  const { progress } = scoring;
  const workspace = path.resolve(scoring.environment.WORKSPACE_BASE_DIR);
  const python = pythonPath(scoring.environment.PYTHON);
  const folder = await freshFolder(workspace, scoring);
  try {
    await downloadModel(scoring, { python, folder });
    const { requirements, missing } = await checkRequirements(scoring, { python, folder });
    if (missing.length > 0) progress.line(`building an environment: ${missing.join(', ')}`);
    const own =
      missing.length > 0 ? await environmentFor(requirements, { python, workspace, progress }) : python;
    return await use(await score(scoring, { python: own, folder }));
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
  await mkdir(folder);
  return folder;
}

/** @returns the file of predictions */
async function score(
  scoring: Scoring,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<string> {
  const { definition, rows } = scoring;
  const home = path.join(folder, 'home');
  await mkdir(home);
  const predictions = path.join(folder, 'predictions.parquet');
  await runScorer(scoring, 'score', {
    python,
    folder,
    environment: scoringEnvironment(home),
    job: {
      model_folder: path.join(folder, 'model'),
      rows,
      predictions,
      output: definition.evaluate.output,
      positive_class: definition.evaluate.positive_class,
      hidden_columns: [...hiddenColumns(definition)],
    },
  });
  return predictions;
}

/** Columns a model without a signature must not be shown. */
function hiddenColumns({ data }: ModelDefinition): ReadonlySet<string> {
  const hidden = new Set([data.target, data.time_column]);
  if (data.prediction !== undefined) hidden.add(data.prediction);
  for (const [name, { role }] of Object.entries(data.columns)) {
    if (role !== undefined && role !== 'feature') hidden.add(name);
  }
  return hidden;
}
