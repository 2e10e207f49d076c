import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './repository.ts';
import type { Command, ServiceDefinition } from './service.ts';

/** Resolved from the root, so that it is found whatever folder a process is started in. */
const tsx = pathToFileURL(createRequire(join(repositoryRoot, 'package.json')).resolve('tsx')).href;

type Variables = Readonly<Record<string, string | undefined>>;

/** A TypeScript file of the repository, run from its sources. */
export const nodeCommand = (file: string, ...args: readonly string[]): Command => ({
  program: process.execPath,
  args: ['--conditions=source', '--import', tsx, join(repositoryRoot, file), ...args],
});

export function workerService(environment: Variables): ServiceDefinition {
  return {
    name: 'worker',
    command: nodeCommand('services/worker/main.ts'),
    environment,
    cwd: repositoryRoot,
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
    isReady: async (log) => log.includes('worker ready'),
    readyWithinMs: 120_000,
  };
}

export function gatewayService(environment: Variables, url: string): ServiceDefinition {
  return {
    name: 'gateway',
    command: nodeCommand('services/gateway/main.ts'),
    environment,
    cwd: repositoryRoot,
    stopSignal: 'SIGTERM',
    graceMs: 8000,
    // 503 is an answer too: the gateway serves while MLflow is still starting.
    isReady: async () => {
      const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(3000) });
      return answer.ok || answer.status === 503;
    },
    readyWithinMs: 60_000,
  };
}
