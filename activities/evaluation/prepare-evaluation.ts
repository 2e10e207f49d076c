import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ActivityContext } from '../context.ts';
import { exportRows } from '../data/index.ts';
import type { EvaluationActivities } from '../interfaces/evaluation.ts';
import { withProgress } from '../progress.ts';

type Prepare = EvaluationActivities['prepareEvaluation'];

/**
 * Exports the labelled rows that lie after the split of the current window: no training may have used them.
 */
export async function prepareEvaluation(
  { environment, artifacts }: ActivityContext,
  { context }: Parameters<Prepare>[0],
): ReturnType<Prepare> {
  const window = { from: context.split_at, to: context.current_window.to };
  const parent = path.resolve(environment.WORKSPACE_BASE_DIR, 'evaluations', context.run_id);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'rows-'));
  try {
    const file = path.join(folder, 'rows.parquet');
    const { rows, unlabelled } = await withProgress('taking the held-out rows', () =>
      exportRows(context.definition, window, file, { labelledOnly: true }),
    );
    return { rows_artifact: await artifacts.putFile(file), rows, unlabelled, window };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
