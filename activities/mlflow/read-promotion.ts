import { approvalBasis } from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import type { Database } from '@watchtower/database';
import type { RunContext } from '../interfaces/run-context.ts';
import { readCurrentDefinition } from '../runs/definitions.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { isComplete, listModelFiles, locateVersion } from './model-files.ts';
import { readAlias, readVersion } from './registry.ts';

/** What a promotion compares before it acts. Read only. */
export async function readPromotion(
  database: Database,
  client: MlflowClient,
  { context, version }: { readonly context: RunContext; readonly version: string },
): Promise<{
  readonly champion_version: string | null;
  readonly basis_unchanged: boolean;
  readonly files_present: boolean;
}> {
  const { registered_model, promote } = context.definition;
  const current = await readCurrentDefinition(database, context.model);
  const [champion, challenger] = await Promise.all([
    readAlias(client, registered_model, promote.alias),
    readVersion(client, registered_model, version),
  ]);
  const location = await locateVersion(client, challenger);
  return {
    champion_version: champion?.version ?? null,
    basis_unchanged:
      digestOf(approvalBasis(current.definition)) === digestOf(approvalBasis(context.definition)),
    // Files that MLflow can't list were there when the challenger was scored.
    files_present: location === null || isComplete(await listModelFiles(client, location)),
  };
}
