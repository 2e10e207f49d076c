import { type Client, Connection, Client as TemporalClient } from '@temporalio/client';
import { type ArtifactStore, folderArtifactStore } from '@watchtower/activities/audit/artifact-store';
import type { Environment } from '@watchtower/contracts';
import { createDatabase, type Database } from '@watchtower/database';
import type { Logger } from 'pino';
import { type ApiKeys, storedApiKeys } from './api-keys.ts';
import { postgresStepFeed, type StepFeed } from './step-feed.ts';

/** What routes work with. All of it connects by itself, and again: the gateway starts before its dependencies. */
export interface GatewayContext {
  readonly environment: Environment;
  readonly database: Database;
  readonly temporal: Client;
  readonly artifacts: ArtifactStore;
  readonly keys: ApiKeys;
  readonly feed: StepFeed;
  readonly log: Logger;
  /** Aborted when the process is to end: streams close, and their clients resume elsewhere. */
  readonly closing: AbortSignal;
}

export function createContext(environment: Environment, log: Logger, closing: AbortSignal): GatewayContext {
  const database = createDatabase(environment.DATABASE_URL);
  const connection = Connection.lazy({ address: environment.TEMPORAL_ADDRESS });
  return {
    environment,
    database,
    temporal: new TemporalClient({ connection, namespace: environment.TEMPORAL_NAMESPACE }),
    artifacts: folderArtifactStore(environment.ARTIFACT_DIR),
    keys: storedApiKeys(database, environment.API_KEY),
    feed: postgresStepFeed(environment.DATABASE_URL, log),
    log,
    closing,
  };
}

export async function closeContext(context: GatewayContext): Promise<void> {
  await context.feed.close();
  await context.temporal.connection.close();
  await context.database.$disconnect();
}
