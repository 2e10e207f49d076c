import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Stack, startStack } from '@watchtower/stack';
import { repositoryRoot } from '@watchtower/stack/repository';
import { takeLock } from '@watchtower/stack/stack-lock';
import { writeJson } from '@watchtower/stack/state-folder';
import { namespaces, type SharedStack, sharedStackVariable } from './shared-stack.ts';

declare global {
  // Jest gives global set-up and teardown nothing in common but the process.
  var watchtowerTestStack: Stack | undefined;
}

/**
 * PostgreSQL, Temporal and MLflow, once for all test files. Each file takes a namespace and a database of its own
 * (`stack-connection.ts`) and starts the workers and gateways it needs.
 */
export async function startSharedStack(): Promise<void> {
  const parent = join(repositoryRoot, '.watchtower');
  mkdirSync(parent, { recursive: true });
  removeLeftFolders(parent);
  const home = mkdtempSync(join(parent, 'test-'));
  // Workers keep the workflow bundle beside their workspaces; this one is shared with earlier and later test runs.
  const cache = join(parent, 'cache');
  mkdirSync(cache, { recursive: true });
  symlinkSync(cache, join(home, 'cache'));
  const [stack] = await Promise.all([startServers(home), buildPrograms(cache)]);
  globalThis.watchtowerTestStack = stack;
  const shared: SharedStack = {
    home,
    endpoints: stack.endpoints,
    python: stack.environment.PYTHON ?? 'python3',
  };
  const file = join(home, 'shared-stack.json');
  writeJson(file, shared);
  process.env[sharedStackVariable] = file;
}

const startServers = (home: string): Promise<Stack> =>
  startStack({
    home,
    processes: 'servers',
    temporalNamespaces: namespaces,
    report: (event) => {
      if (event.kind === 'crashed')
        console.error(`${event.service} ended: ${event.how}`, event.tail.join('\n'));
    },
  });

/** Workers, gateways and the command are started as they were built; the command refers to the others. */
async function buildPrograms(cache: string): Promise<void> {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  const node = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, args, { cwd: repositoryRoot, env });
  await node('node_modules/typescript/bin/tsc', '-b', 'services/cli');
  await node('tests/build-workflow-bundle.mjs', cache);
}

/** Of test runs that were killed. Taking the lock tells whether one is still at work. */
function removeLeftFolders(parent: string): void {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith('test-'))) {
    const folder = join(parent, name);
    if (takeLock(join(folder, 'stack.lock')) === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
