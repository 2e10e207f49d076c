import { log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from '../../audit/artifact-store.ts';
import type { RunCursor, SweepFindings } from '../../interfaces/runs.ts';
import type { AliasRegistry } from '../alias-registry.ts';
import type { Sweep } from './each-row.ts';
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

/** Well within the minute that the activity has; looking for strays leaves half of it to the other parts. */
const limit = 40_000;

/**
 * Looks once at everything that may have been left half done. One part's failure does not keep the others.
 *
 * @param from where the sweep before left off looking for strays
 */
export async function sweep(
  { client, database, artifacts, registry }: Sweeping,
  from: RunCursor | null,
): Promise<SweepFindings> {
  const now = Date.now();
  const bounds: Sweep = { now, until: now + limit };
  const errors: string[] = [];
  const attempt = async <T extends { readonly errors: readonly string[] }>(
    what: string,
    work: () => Promise<T>,
  ): Promise<T | null> => {
    try {
      const swept = await work();
      errors.push(...swept.errors);
      return swept;
    } catch (error) {
      errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  };
  const started = await attempt('start accepted runs', () => startAccepted(client, database, bounds));
  const found = await attempt('look for strays', () =>
    findStrays(client, database, { now, until: now + limit / 2 }, from),
  );
  const synchronised = await attempt('synchronise schedules', () =>
    synchroniseSchedules(client, database, bounds),
  );
  const mended = await attempt('repair aliases', () => repairAliases(registry, database, bounds));
  for (const repair of mended?.repaired ?? []) log.warn(repair);
  const exported = await attempt('export histories', () => exportClosed(client, database, artifacts, bounds));
  return {
    started: started?.done ?? 0,
    synchronised: synchronised?.done ?? 0,
    repaired: mended?.repaired ?? [],
    exported: exported?.done ?? 0,
    strays: found?.strays ?? [],
    next: found ? found.next : from,
    errors,
  };
}
