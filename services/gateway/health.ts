import type { DependencyHealth, HealthReport } from '@watchtower/contracts';
import { bounded, TimedOut } from './bounded.ts';
import type { GatewayContext } from './context.ts';
import { failureOf } from './problems.ts';

/** One dependency's limit. They are asked at the same time, so the whole stays below two seconds. */
const limit = 1_200;

type Probes = Readonly<Record<keyof HealthReport['dependencies'], () => Promise<unknown>>>;

export const checkHealth = (context: GatewayContext): Promise<HealthReport> => healthOf(probesOf(context));

/** Asks all at once; each has answered or is down after its limit. */
export async function healthOf(probes: Probes): Promise<HealthReport> {
  const [postgres, temporal, mlflow] = await Promise.all([
    probe(probes.postgres),
    probe(probes.temporal),
    probe(probes.mlflow),
  ]);
  const dependencies = { postgres, temporal, mlflow };
  const down = Object.values(dependencies).some(({ status }) => status === 'down');
  return { status: down ? 'down' : 'up', dependencies };
}

function probesOf({ database, keys, temporal, environment }: GatewayContext): Probes {
  return {
    // Up means that requests with the environment's key can be answered.
    postgres: async () => {
      await keys.prepare();
      await database.$queryRaw`SELECT 1`;
    },
    temporal: () =>
      temporal.connection.withDeadline(Date.now() + limit, () =>
        temporal.workflowService.describeNamespace({ namespace: environment.TEMPORAL_NAMESPACE }),
      ),
    mlflow: async () => {
      const url = `${environment.MLFLOW_TRACKING_URI.replace(/\/+$/, '')}/health`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(limit) });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
    },
  };
}

async function probe(ask: () => Promise<unknown>): Promise<DependencyHealth> {
  const started = performance.now();
  const latency = () => Math.round((performance.now() - started) * 10) / 10;
  try {
    await bounded(limit, ask());
    return { status: 'up', latency_ms: latency() };
  } catch (error) {
    return { status: 'down', latency_ms: latency(), detail: reason(error) };
  }
}

/** No addresses: anybody may read this. */
function reason(error: unknown): string {
  if (error instanceof TimedOut) return error.message;
  const { code } = failureOf(error);
  return code === 'Internal' ? 'does not answer as expected' : 'does not answer';
}
