import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkReasonerEnvironment } from '@watchtower/activities/reasoning/settings';
import { stopAllAttempts } from '@watchtower/activities/training/process/stop-attempts';
import { EnvironmentError, parseEnvironment } from '@watchtower/contracts';
import { applyMigrations } from '@watchtower/database/migrate';
import type { Endpoints } from './endpoints.ts';
import { mlflowService } from './mlflow.ts';
import { gatewayService, nodeCommand, workerService } from './node-services.ts';
import { choosePorts } from './ports.ts';
import { databaseUrl, preparePostgres } from './postgres.ts';
import { ProcessRegister } from './process-register.ts';
import { readOrMakeSecrets } from './secrets.ts';
import type { ServiceDefinition, ServiceEvent } from './service.ts';
import { serviceEnvironment, withoutLanguageModelKeys } from './service-environment.ts';
import { StackError } from './stack-error.ts';
import { takeLock } from './stack-lock.ts';
import { createFolders, type StateFolder, stateFolder, writeJson } from './state-folder.ts';
import { SupervisedService } from './supervised-service.ts';
import { temporalService } from './temporal.ts';
import { startWatchdog } from './watchdog.ts';

export type ServiceName = 'postgres' | 'temporal' | 'mlflow' | 'worker' | 'gateway';

export interface StackOptions {
  /** State folder; WATCHTOWER_HOME, else `.watchtower` of the repository. */
  readonly home?: string;
  /** `servers` leaves out worker and gateway: tests start their own. */
  readonly processes?: 'all' | 'servers';
  /** Temporal namespaces besides `default`: tests keep their workflows apart by them. */
  readonly temporalNamespaces?: readonly string[];
  readonly report?: (event: ServiceEvent) => void;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** `background`: the start does not wait for MLflow, which takes longest; whoever needs it waits for `mlflowReady`. */
  readonly mlflow?: 'awaited' | 'background';
  /** Aborted while the stack starts: what runs already is stopped, and the start fails. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly endpoints: Endpoints;
  readonly state: StateFolder;
  /** What a worker or gateway of this stack finds in its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly services: readonly {
    readonly name: string;
    readonly pid: number | undefined;
    readonly restarts: number;
  }[];
  /** Resolves when MLflow answers for the first time. @throws StackError where it can't be started */
  readonly mlflowReady: Promise<void>;
  /** A crash on purpose; the supervisor restarts it. */
  readonly killService: (name: ServiceName, signal: NodeJS.Signals) => void;
  /** In order: gateway, worker, trainings, MLflow, Temporal, PostgreSQL. */
  readonly stop: () => Promise<void>;
  /** By force, without waiting. */
  readonly killNow: () => void;
}

/** Thrown where a stack of this state folder is up already. */
export class StackRunning extends StackError {
  readonly pid: number;

  constructor(pid: number) {
    super(`The stack is up already, in process ${pid}.`);
    this.pid = pid;
  }
}

/**
 * Starts the embedded stack and resolves when all of it answers. PostgreSQL, Temporal and MLflow start side by side;
 * worker and gateway as soon as the first two are up.
 *
 * @throws StackRunning where a supervisor of this folder is alive
 * @throws StackError where a service can't be started; all the others are stopped then
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const variables = options.variables ?? process.env;
  const report = options.report ?? (() => undefined);
  const state = stateFolder(variables, options.home);
  createFolders(state);
  const holder = takeLock(state.lock);
  if (holder !== undefined) throw new StackRunning(holder);
  try {
    return await startLocked(state, { variables, report, ...options });
  } catch (error) {
    rmSync(state.lock, { force: true });
    throw error;
  }
}

type LockedOptions = StackOptions & Required<Pick<StackOptions, 'variables' | 'report'>>;

async function startLocked(
  state: StateFolder,
  { variables, report, processes, signal, mlflow = 'awaited', temporalNamespaces = [] }: LockedOptions,
): Promise<Stack> {
  rmSync(state.endpoints, { force: true });
  const register = new ProcessRegister(state.processes);
  const leftovers = await register.stopLeftovers();
  if (leftovers > 0)
    report({ kind: 'note', text: `stopped ${leftovers} processes left by an earlier stack` });

  const { ports, moved } = await choosePorts(state.ports, variables);
  for (const text of moved) report({ kind: 'note', text });
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
  const keyless = withoutLanguageModelKeys(environment);
  const watchdog = startWatchdog(
    nodeCommand('services/stack/stop-trainings.ts', state.workspaces),
    environment,
  );
  const services = new Map<string, SupervisedService>();

  let stopping = false;
  const run = async (definition: ServiceDefinition): Promise<void> => {
    if (stopping) throw new StackError('The stack was stopped before it was up.');
    const service = new SupervisedService(definition, {
      logFile: join(state.logs, `${definition.name}.log`),
      report,
      track: (verb, process) => {
        watchdog.track(verb, process);
        register.track(verb, process);
      },
    });
    services.set(definition.name, service);
    await service.start();
  };
  const stop = once(async () => {
    stopping = true;
    rmSync(state.endpoints, { force: true });
    await Promise.all([services.get('gateway')?.stop(), services.get('worker')?.stop()]);
    const stopped = await stopAllAttempts(state.workspaces);
    if (stopped > 0) report({ kind: 'note', text: `stopped ${stopped} trainings` });
    await Promise.all([services.get('mlflow')?.stop(), services.get('temporal')?.stop()]);
    await services.get('postgres')?.stop();
    watchdog.dismiss();
    rmSync(state.lock, { force: true });
  });

  const startPostgres = async () => {
    await run(await preparePostgres({ ...database, environment: keyless }));
    const { applied } = await applyMigrations(endpoints.database_url);
    if (applied.length > 0) report({ kind: 'note', text: `applied ${applied.length} migrations` });
  };
  const startTemporal = () =>
    run(
      temporalService({
        file: state.temporalFile,
        port: ports.temporal,
        uiPort: ports.temporal_ui,
        venv: state.venv,
        namespaces: temporalNamespaces,
        environment: keyless,
      }),
    );
  const startProcesses = async () => {
    await Promise.all([startPostgres(), startTemporal()]);
    if (processes === 'servers') return;
    await Promise.all([run(workerService(environment)), run(gatewayService(keyless, endpoints.gateway))]);
  };
  const startMlflow = () =>
    run(
      mlflowService({
        folder: state.mlflow,
        port: ports.mlflow,
        python: environment.PYTHON ?? 'python3',
        environment: keyless,
      }),
    );

  let mlflowReady: Promise<void> = Promise.resolve();
  const abort = (): void => void stop();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    mlflowReady = startMlflow();
    // Whoever waits for it hears of a failure; nobody has to.
    mlflowReady.catch(() => undefined);
    await Promise.all([startProcesses(), ...(mlflow === 'awaited' ? [mlflowReady] : [])]);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  writeJson(state.endpoints, endpoints);
  return {
    endpoints,
    state,
    environment,
    mlflowReady,
    get services() {
      return [...services.values()].map(({ name, pid, restarts }) => ({ name, pid, restarts }));
    },
    killService: (name, signal) => services.get(name)?.kill(signal),
    stop,
    killNow: () => {
      rmSync(state.endpoints, { force: true });
      for (const service of services.values()) service.killNow();
    },
  };
}

/** What worker and gateway would end with, each three times, is told before anything starts. */
function requireValid(environment: Stack['environment']): void {
  try {
    checkReasonerEnvironment(parseEnvironment(environment));
  } catch (error) {
    throw error instanceof EnvironmentError ? new StackError(error.message) : error;
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let under: Promise<void> | undefined;
  return () => {
    under ??= action();
    return under;
  };
}
