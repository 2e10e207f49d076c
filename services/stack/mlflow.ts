import { join } from 'node:path';
import type { ServiceDefinition } from './service.ts';

export interface MlflowSettings {
  readonly folder: string;
  readonly port: number;
  readonly python: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function mlflowService(settings: MlflowSettings): ServiceDefinition {
  return {
    name: 'mlflow',
    command: {
      program: settings.python,
      args: [
        ['-m', 'mlflow', 'server'],
        ['--host', '127.0.0.1', '--port', String(settings.port), '--workers', '1'],
        ['--backend-store-uri', `sqlite:///${join(settings.folder, 'mlflow.sqlite')}`],
        ['--artifacts-destination', join(settings.folder, 'artifacts')],
      ].flat(),
    },
    environment: {
      ...settings.environment,
      // Ten processes for jobs that nobody here submits.
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
    cwd: settings.folder,
    stopSignal: 'SIGTERM',
    graceMs: 5000,
    isReady: async () => {
      const answer = await fetch(`http://127.0.0.1:${settings.port}/health`, {
        signal: AbortSignal.timeout(2000),
      });
      return answer.ok;
    },
    readyWithinMs: 120_000,
  };
}
