import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram, gatewayService, workerService } from '@watchtower/stack/node-services';
import { freePort } from '@watchtower/stack/ports';
import type { ServiceDefinition } from '@watchtower/stack/service';
import { startWatchdog } from '@watchtower/stack/watchdog';
import { Client } from 'pg';
import { type ServiceProcess, startProcess } from './service-process.ts';
import { namespaces, sharedStack, sharedStackVariable } from './shared-stack.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** A test file's part of the shared servers: nobody else's rows, workflows, workspaces or artifacts are in it. */
export interface StackConnection {
  readonly namespace: string;
  readonly temporal: string;
  readonly databaseUrl: string;
  /** Shared by all files: use registered models of your own. */
  readonly mlflow: string;
  readonly apiKey: string;
  readonly workspaces: string;
  readonly artifacts: string;
  /** What a worker or gateway of this file finds in its environment. */
  readonly environment: Variables;
  readonly startWorker: (variables?: Variables) => Promise<ServiceProcess>;
  readonly startGateway: (variables?: Variables) => Promise<ServiceProcess & { readonly url: string }>;
  /** Stops what was started and is still running. */
  readonly close: () => Promise<void>;
}

/** Call once a test file, in `beforeAll`, and `close` in `afterAll`. */
export async function connectStack(): Promise<StackConnection> {
  const file = process.env[sharedStackVariable];
  if (file === undefined) throw new Error('There is no stack: these tests run in the Jest project "stack".');
  const { home, endpoints, python } = sharedStack.parse(JSON.parse(readFileSync(file, 'utf8')));
  const namespace = takeNamespace(home);
  // Side by side with those of other files, so that all workers find the same workflow bundle beside them.
  const workspaces = join(home, `workspaces-${namespace}`);
  const artifacts = join(home, `artifacts-${namespace}`);
  for (const path of [workspaces, artifacts]) mkdirSync(path, { recursive: true });
  const databaseUrl = await createDatabase(endpoints.database_url, namespace.replace('-', '_'));
  const environment: Variables = {
    ...process.env,
    NODE_OPTIONS: undefined,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: endpoints.temporal,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_UI_URL: endpoints.temporal_ui,
    MLFLOW_TRACKING_URI: endpoints.mlflow,
    API_KEY: endpoints.api_key,
    GATEWAY_HOST: '127.0.0.1',
    WORKSPACE_BASE_DIR: workspaces,
    ARTIFACT_DIR: artifacts,
    PYTHON: python,
  };
  const watchdog = startWatchdog(builtProgram('services/stack/stop-trainings.ts', workspaces), environment);
  const started: ServiceProcess[] = [];
  return {
    namespace,
    temporal: endpoints.temporal,
    databaseUrl,
    mlflow: endpoints.mlflow,
    apiKey: endpoints.api_key,
    workspaces,
    artifacts,
    environment,
    startWorker: async (variables = {}) => {
      const worker = await startProcess(
        shortLived(workerService({ ...environment, ...variables })),
        watchdog,
      );
      started.push(worker);
      return worker;
    },
    startGateway: async (variables = {}) => {
      const port = await freePort(new Set());
      const url = `http://127.0.0.1:${port}`;
      const own = { ...environment, GATEWAY_PORT: String(port), ...variables };
      const gateway = await startProcess(shortLived(gatewayService(own, url)), watchdog);
      started.push(gateway);
      return { ...gateway, url };
    },
    close: async () => {
      await Promise.all(started.map((process) => process.stop()));
      watchdog.dismiss();
    },
  };
}

/** What V8 would spend on optimizing Prisma's WebAssembly, a sixth of all, comes to nothing in a test's few queries. */
function shortLived(definition: ServiceDefinition): ServiceDefinition {
  const { program, args } = definition.command;
  const flags = ['--no-wasm-dynamic-tiering', '--no-wasm-tier-up'];
  return { ...definition, command: { program, args: [...flags, ...args] } };
}

/** Making a folder succeeds for one process alone. */
function takeNamespace(home: string): string {
  for (const namespace of namespaces) {
    try {
      mkdirSync(join(home, namespace));
      return namespace;
    } catch {
      // Another file's.
    }
  }
  throw new Error(
    `All ${namespaces.length} namespaces are taken: raise their number in tests/shared-stack.ts.`,
  );
}

/** A copy of the migrated, empty database. */
async function createDatabase(sharedUrl: string, name: string): Promise<string> {
  const admin = new URL(sharedUrl);
  const template = admin.pathname.slice(1);
  admin.pathname = '/postgres';
  const client = new Client({ connectionString: admin.href });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  } finally {
    await client.end();
  }
  const own = new URL(sharedUrl);
  own.pathname = `/${name}`;
  return own.href;
}
