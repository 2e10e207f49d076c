import { rmSync } from 'node:fs';
import { stopAllAttempts } from '@watchtower/activities/training/process/stop-attempts';
import type { Endpoints } from '@watchtower/client/endpoints';
import { applyMigrations } from '@watchtower/database/migrate';
import { mlflowService } from './mlflow.ts';
import { builtProgram, gatewayService, workerService } from './node-services.ts';
import { preparePostgres } from './postgres.ts';
import { ProcessRegister } from './process-register.ts';
import type { ServiceEvent } from './service.ts';
import { withoutLanguageModelKeys } from './service-environment.ts';
import { ServiceGroup } from './service-group.ts';
import { chooseAddresses } from './stack-addresses.ts';
import { StackError } from './stack-error.ts';
import { takeLock } from './stack-lock.ts';
import { createFolders, type StateFolder, stateFolder, writeJson } from './state-folder.ts';
import { temporalService } from './temporal.ts';
import { startWatchdog } from './watchdog.ts';

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
  /** Resolves when MLflow answers for the first time. @throws StackError where it can't be started */
  readonly mlflowReady: Promise<void>;
  /** In order: gateway, worker, trainings, MLflow, Temporal, PostgreSQL. */
  readonly stop: () => Promise<void>;
  /** By force, without waiting. */
  readonly killNow: () => void;
}

/** Thrown where a stack of this state folder is up already. */
export class StackRunning extends StackError {
  constructor(pid: number) {
    super(`The stack is up already, in process ${pid}.`);
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

async function startLocked(state: StateFolder, options: LockedOptions): Promise<Stack> {
  const { variables, report, processes, signal, mlflow = 'awaited', temporalNamespaces = [] } = options;
  rmSync(state.endpoints, { force: true });
  const register = new ProcessRegister(state.processes);
  const leftovers = await register.stopLeftovers();
  if (leftovers > 0)
    report({ kind: 'note', text: `stopped ${leftovers} processes left by an earlier stack` });
  const { ports, moved, database, endpoints, environment } = await chooseAddresses(state, variables);
  for (const text of moved) report({ kind: 'note', text });
  const keyless = withoutLanguageModelKeys(environment);

  const afterKill = builtProgram('services/stack/stop-trainings.ts', state.workspaces);
  const watchdog = startWatchdog(afterKill, environment);
  const services = new ServiceGroup({
    logs: state.logs,
    report,
    track: (verb, process) => {
      watchdog.track(verb, process);
      register.track(verb, process);
    },
  });
  const stop = once(async () => {
    services.close();
    rmSync(state.endpoints, { force: true });
    await services.stop('gateway', 'worker');
    const stopped = await stopAllAttempts(state.workspaces);
    if (stopped > 0) report({ kind: 'note', text: `stopped ${stopped} trainings` });
    await services.stop('mlflow', 'temporal');
    await services.stop('postgres');
    watchdog.dismiss();
    rmSync(state.lock, { force: true });
  });

  const startPostgres = async () => {
    await services.start(await preparePostgres({ ...database, environment: keyless }));
    const { applied } = await applyMigrations(endpoints.database_url);
    if (applied.length > 0) report({ kind: 'note', text: `applied ${applied.length} migrations` });
  };
  const startTemporal = () =>
    services.start(
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
    const gateway = gatewayService(keyless, endpoints.gateway);
    await Promise.all([services.start(workerService(environment)), services.start(gateway)]);
  };
  const python = environment.PYTHON ?? 'python3';

  let mlflowReady: Promise<void> = Promise.resolve();
  const abort = (): void => void stop();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    mlflowReady = services.start(
      mlflowService({ folder: state.mlflow, port: ports.mlflow, python, environment: keyless }),
    );
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
    stop,
    killNow: () => {
      rmSync(state.endpoints, { force: true });
      services.killNow();
    },
  };
}

function once(action: () => Promise<void>): () => Promise<void> {
  let under: Promise<void> | undefined;
  return () => {
    under ??= action();
    return under;
  };
}
