import { WatchtowerError } from '@watchtower/contracts';
import type { MlflowActivities } from '../interfaces/mlflow.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { readAlias, readVersion, setAlias, tagVersion, versionTags } from './registry.ts';

type ChampionMove = Parameters<MlflowActivities['setChampion']>[0];

/**
 * Moves the alias where it still names the expected version, and reads it back: MLflow has no precondition, so what
 * happens between reading and setting is the lease's business. Asked again after a lost answer, it finds the alias ours.
 */
export async function setChampion(
  client: MlflowClient,
  move: ChampionMove,
): Promise<{ readonly status: 'promoted' | 'superseded'; readonly champion_version: string | null }> {
  const { registered_model: name, alias, version, expected_version } = move;
  const before = (await readAlias(client, name, alias))?.version ?? null;
  if (before !== version) {
    if (before !== expected_version) return { status: 'superseded', champion_version: before };
    await setAlias(client, name, alias, version);
    const after = (await readAlias(client, name, alias))?.version ?? null;
    if (after !== version) return { status: 'superseded', champion_version: after };
  }
  await anchor(client, move);
  return { status: 'promoted', champion_version: version };
}

/** The audit log's head beside the version. An outage is retried; a refusal must not hide that the alias has moved. */
async function anchor(client: MlflowClient, move: ChampionMove): Promise<void> {
  try {
    await tagVersion(client, await readVersion(client, move.registered_model, move.version), {
      [versionTags.run]: move.run_id,
      [versionTags.auditHead]: move.audit_head,
    });
  } catch (error) {
    if (!(error instanceof WatchtowerError && error.code === 'MlflowRejected')) throw error;
  }
}
