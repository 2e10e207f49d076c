import type { Client } from '@temporalio/client';
import type { Environment } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from './audit/artifact-store.ts';

/** What activities are made with: the worker builds it once. */
export interface ActivityContext {
  readonly environment: Environment;
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  readonly temporal: Client;
}
