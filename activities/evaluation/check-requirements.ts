import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runScorer, type Scoring } from './scoring.ts';
import { scoringEnvironment } from './scrubbed-environment.ts';

const answerSchema = z.object({ requirements: z.array(z.string()), missing: z.array(z.string()) });
export type ModelRequirements = z.infer<typeof answerSchema>;

/**
 * Compares the `requirements.txt` of the model in `<folder>/model` with a Python, in a process that is given no
 * credentials and loads nothing of the model.
 *
 * @returns what the model asks for, and what of it the Python lacks
 * @throws WatchtowerError `ScoringFailed`
 */
export async function checkRequirements(
  scoring: Scoring,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<ModelRequirements> {
  const home = path.join(folder, 'home-of-check');
  await mkdir(home);
  const answer = path.join(folder, 'requirements.json');
  await runScorer(scoring, 'check_requirements', {
    python,
    folder,
    environment: scoringEnvironment(home),
    job: { model_folder: path.join(folder, 'model'), answer },
  });
  return answerSchema.parse(JSON.parse(await readFile(answer, 'utf8')));
}
