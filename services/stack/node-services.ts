import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';
import type { Command, ServiceDefinition } from './service.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** A program of the repository, by its TypeScript file, as it was built: it starts in half the time of the sources. */
export const builtProgram = (file: string, ...args: readonly string[]): Command => {
  const [group = '', name = '', ...inside] = file.split('/');
  const built = join(repositoryRoot, group, name, 'dist', ...inside).replace(/\.ts$/, '.js');
  return { program: process.execPath, args: [built, ...args] };
};

export function workerService(environment: Variables): ServiceDefinition {
  return {
    name: 'worker',
    command: builtProgram('services/worker/main.ts'),
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
    command: builtProgram('services/gateway/main.ts'),
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
