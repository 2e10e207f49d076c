import { checkReasonerEnvironment } from '@watchtower/activities/reasoning/settings';
import type { Endpoints } from '@watchtower/client/endpoints';
import { EnvironmentError, parseEnvironment } from '@watchtower/contracts';
import { choosePorts, type Ports } from './ports.ts';
import { databaseUrl } from './postgres.ts';
import { readOrMakeSecrets } from './secrets.ts';
import { serviceEnvironment } from './service-environment.ts';
import { StackError } from './stack-error.ts';
import type { StateFolder } from './state-folder.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where each service of a stack will listen, and what its processes find in their environment. */
export interface StackAddresses {
  readonly ports: Ports;
  /** Ports that differ from those of the last start, each in a sentence. */
  readonly moved: readonly string[];
  readonly database: { readonly folder: string; readonly port: number; readonly password: string };
  readonly endpoints: Endpoints;
  readonly environment: Variables;
}

/** @throws StackError for a port that is taken, or a variable that worker and gateway would refuse */
export async function chooseAddresses(state: StateFolder, variables: Variables): Promise<StackAddresses> {
  const { ports, moved } = await choosePorts(state.ports, variables);
  const secrets = readOrMakeSecrets(state.secrets);
  const database = { folder: state.postgres, port: ports.postgres, password: secrets.postgres_password };
  const endpoints: Endpoints = {
    gateway: `http://127.0.0.1:${ports.gateway}`,
    temporal: `127.0.0.1:${ports.temporal}`,
    temporal_ui: `http://127.0.0.1:${ports.temporal_ui}`,
    mlflow: `http://127.0.0.1:${ports.mlflow}`,
    database_url: databaseUrl(database),
    api_key: variables.API_KEY || secrets.api_key,
    pid: process.pid,
  };
  const environment = serviceEnvironment(variables, state, ports, endpoints);
  requireValid(environment);
  return { ports, moved, database, endpoints, environment };
}

/** What worker and gateway would end with, each three times, is told before anything starts. */
function requireValid(environment: Variables): void {
  try {
    checkReasonerEnvironment(parseEnvironment(environment));
  } catch (error) {
    throw error instanceof EnvironmentError ? new StackError(error.message) : error;
  }
}
