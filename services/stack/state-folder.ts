import { chmodSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repositoryRoot } from './repository.ts';

/** Where the embedded stack keeps everything it must find again: `.watchtower/`, or WATCHTOWER_HOME. */
export interface StateFolder {
  readonly home: string;
  readonly logs: string;
  readonly postgres: string;
  readonly temporalFile: string;
  readonly mlflow: string;
  readonly artifacts: string;
  readonly workspaces: string;
  /** Ports chosen at first start. */
  readonly ports: string;
  /** API key and database password; mode 600. */
  readonly secrets: string;
  /** Addresses while the stack is up; mode 600. */
  readonly endpoints: string;
  /** Pid and start time of the supervisor. */
  readonly lock: string;
  /** Pids and start times of its children, for a supervisor that finds them left over. */
  readonly processes: string;
  /** The project's Python, made by the set-up; WATCHTOWER_VENV names another. */
  readonly venv: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Relative paths count from the repository. */
export function stateFolder(
  variables: Variables,
  home = variables.WATCHTOWER_HOME || '.watchtower',
): StateFolder {
  const path = resolve(repositoryRoot, home);
  return {
    home: path,
    logs: join(path, 'logs'),
    postgres: join(path, 'postgres'),
    temporalFile: join(path, 'temporal.sqlite'),
    mlflow: join(path, 'mlflow'),
    artifacts: join(path, 'artifacts'),
    workspaces: join(path, 'workspaces'),
    ports: join(path, 'ports.json'),
    secrets: join(path, 'secrets.json'),
    endpoints: join(path, 'endpoints.json'),
    lock: join(path, 'stack.lock'),
    processes: join(path, 'processes.json'),
    venv: resolve(
      repositoryRoot,
      variables.WATCHTOWER_VENV || join(variables.WATCHTOWER_HOME || '.watchtower', 'venv'),
    ),
  };
}

/**
 * What holds data is for its owner alone. The folder around them may be passed through: PostgreSQL, which refuses to
 * run as root, may run as another user there. Folders of an earlier release are set right.
 */
export function createFolders(state: StateFolder): void {
  makeFolder(state.home, 0o711);
  for (const folder of [state.logs, state.mlflow, state.artifacts, state.workspaces])
    makeFolder(folder, 0o700);
  for (const end of ['', '-wal', '-shm']) {
    const file = `${state.temporalFile}${end}`;
    if (existsSync(file)) chmodSync(file, 0o600);
  }
}

function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
}

/** Written aside and renamed, so that no reader sees half of it; readable by the owner alone. */
export function writeJson(file: string, value: unknown): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, file);
}
