import type { Client } from '@temporalio/client';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from '../../audit/artifact-store.ts';
import type { SweepFindings } from '../../interfaces/runs.ts';
import type { AliasRegistry } from '../alias-registry.ts';
import type { Sweep, Swept } from './each-row.ts';
import { exportClosed } from './export-closed.ts';
import { findStrays } from './find-strays.ts';
import { repairAliases } from './repair-aliases.ts';
import { startAccepted } from './start-accepted.ts';
import { synchroniseSchedules } from './synchronise-schedules.ts';

interface Sweeping {
  readonly client: Client;
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  readonly registry: AliasRegistry;
}

/** Well within the minute that the activity has. */
const limit = 40_000;

/** Looks once at everything that may have been left half done. One part's failure does not keep the others. */
export async function sweep({ client, database, artifacts, registry }: Sweeping): Promise<SweepFindings> {
  const now = Date.now();
  const bounds: Sweep = { now, until: now + limit };
  const errors: string[] = [];
  const attempt = async (what: string, work: () => Promise<Swept>): Promise<number> => {
    try {
      const { done, errors: found } = await work();
      errors.push(...found);
      return done;
    } catch (error) {
      errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return 0;
    }
  };
  const started = await attempt('start accepted runs', () => startAccepted(client, database, bounds));
  const stray = await findStrays(client, database, now);
  return {
    started,
    synchronised: await attempt('synchronise schedules', () =>
      synchroniseSchedules(client, database, bounds),
    ),
    repaired: await attempt('repair aliases', () => repairAliases(registry, database, bounds)),
    exported: await attempt('export histories', () => exportClosed(client, database, artifacts, bounds)),
    strays: stray.strays,
    errors: [...stray.errors, ...errors],
  };
}
