import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runScorer, type Scoring } from './scoring.ts';
import { downloadingEnvironment } from './scrubbed-environment.ts';

const answerSchema = z.object({ requirements: z.array(z.string()), missing: z.array(z.string()) });
export type ModelRequirements = z.infer<typeof answerSchema>;

/**
 * Puts the model's files into `<folder>/model`, in a process that is given MLflow's credentials and loads nothing of
 * the model.
 *
 * @returns what the model asks for, and what of it the Python that downloaded it lacks
 * @throws WatchtowerError `MlflowUnavailable`, `ScoringFailed` where there is no such model
 */
export async function downloadModel(
  scoring: Scoring,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<ModelRequirements> {
  const { environment, version } = scoring;
  const home = path.join(folder, 'home-of-download');
  await mkdir(home);
  const answer = path.join(folder, 'requirements.json');
  await runScorer(scoring, 'download_model', {
    python,
    folder,
    environment: downloadingEnvironment(environment, home),
    job: {
      model_uri: `models:/${version.registered_model}/${version.version}`,
      folder: path.join(folder, 'model'),
      answer,
    },
  });
  return answerSchema.parse(JSON.parse(await readFile(answer, 'utf8')));
}
