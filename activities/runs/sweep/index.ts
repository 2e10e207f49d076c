import type { Client } from '@temporalio/client';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from '../../audit/artifact-store.ts';
import type { SweepFindings } from '../../interfaces.ts';
import { exportClosed } from './export-closed.ts';
import { findStrays } from './find-strays.ts';
import { type AliasRegistry, repairAliases } from './repair-aliases.ts';
import { startAccepted } from './start-accepted.ts';
import { synchroniseSchedules } from './synchronise-schedules.ts';

interface Sweeping {
  readonly client: Client;
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  readonly registry: AliasRegistry;
}

/** Looks once at everything that may have been left half done. One part's failure does not keep the others. */
export async function sweep({ client, database, artifacts, registry }: Sweeping): Promise<SweepFindings> {
  const now = Date.now();
  const errors: string[] = [];
  const attempt = async (what: string, work: () => Promise<number>): Promise<number> => {
    try {
      return await work();
    } catch (error) {
      errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return 0;
    }
  };
  const started = await attempt('start accepted runs', () => startAccepted(client, database, now));
  const stray = await findStrays(client, database, now);
  return {
    started,
    exported: await attempt('export histories', () => exportClosed(client, database, artifacts)),
    synchronised: await attempt('synchronise schedules', () => synchroniseSchedules(client, database, now)),
    repaired: await attempt('repair aliases', () => repairAliases(registry, database, now)),
    strays: stray.strays,
    errors: [...stray.errors, ...errors],
  };
}
