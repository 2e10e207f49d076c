import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@watchtower/stack/ports';
import { startWatchdog } from '@watchtower/stack/watchdog';
import { z } from 'zod';
import { airflowEnvironment, airflowParts } from '../scripts/setup/airflow.mjs';
import { type ServiceProcess, startProcess } from './service-process.ts';

/**
 * A real Airflow 3 on SQLite, of two processes. Its DAG processor ran once, when the database was made: the DAGs do not
 * change while it is up.
 */
export interface AirflowServer {
  readonly url: string;
  /** What a worker needs to reach it. */
  readonly variables: Readonly<Record<'AIRFLOW_API_URL' | 'AIRFLOW_USERNAME' | 'AIRFLOW_PASSWORD', string>>;
  /** Resolves when the API answers. */
  readonly ready: Promise<unknown>;
  /** Nothing is scheduled before. @param variables what the tasks find in their environment */
  readonly startScheduler: (variables: Readonly<Record<string, string>>) => Promise<void>;
  readonly stopScheduler: () => Promise<void>;
  /** As a person at Airflow's page would ask. */
  readonly ask: <T>(shape: z.ZodType<T>, method: string, path: string, body?: unknown) => Promise<T>;
  /** The newest hundred runs of the DAG that retrains whose id holds this text. */
  readonly dagRuns: (text: string) => Promise<readonly DagRun[]>;
  /** A DAG that is new is paused. */
  readonly unpause: (dag: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const dagRun = z.object({ dag_run_id: z.string(), state: z.string(), conf: z.unknown() });
export type DagRun = z.infer<typeof dagRun>;

/** Of infra/airflow. */
export const retrainDag = 'ml_retrain_pipeline';
const credentials = { username: 'watchtower', password: randomBytes(12).toString('hex') };

/** @param folder made, and left to who removes its parent */
export async function startAirflow(folder: string): Promise<AirflowServer> {
  await mkdir(folder, { recursive: true });
  await copyFile(airflowParts.database, join(folder, 'airflow.db'));
  await writeFile(
    join(folder, 'passwords.json'),
    JSON.stringify({ [credentials.username]: credentials.password }),
  );
  const port = await freePort(new Set());
  const url = `http://127.0.0.1:${port}`;
  const secret = randomBytes(64).toString('hex');
  const environment = {
    ...airflowEnvironment(folder, { ...process.env, NODE_OPTIONS: undefined }),
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__PORT: String(port),
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__API__SECRET_KEY: secret,
    AIRFLOW__API_AUTH__JWT_SECRET: secret,
    // So short that every wait of a test outlives its token.
    AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME: '5',
    AIRFLOW__API_AUTH__JWT_LEEWAY: '0',
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
    // The role that may run DAGs and no more.
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: `${credentials.username}:user`,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: join(folder, 'passwords.json'),
    AIRFLOW__CORE__PARALLELISM: '4',
    // A task's end, or its cancellation, is noticed with the next of these.
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL: '1',
    AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC: '1',
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: '1',
  };
  const watchdog = startWatchdog({ program: 'true', args: [] }, {});
  const started = new Map<string, ServiceProcess>();
  const start = async (
    name: string,
    variables: Readonly<Record<string, string>>,
    isReady: () => Promise<boolean>,
  ): Promise<void> => {
    const command = { program: airflowParts.program, args: [name] };
    const times = { stopSignal: 'SIGTERM', graceMs: 5_000, readyWithinMs: 180_000 } as const;
    const merged = { ...environment, ...variables };
    started.set(
      name,
      await startProcess({ name, command, environment: merged, cwd: folder, isReady, ...times }, watchdog),
    );
  };
  const answered = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return response.ok ? response.json() : null;
  };
  const ready = start('api-server', {}, async () => {
    // The tasks' own interface is made at its first request, which takes seconds: now rather than in a test.
    return (await answered('/api/v2/version')) !== null && (await answered('/execution/health')) !== null;
  });
  // Whoever needs it awaits it.
  ready.catch(() => undefined);

  const ask: AirflowServer['ask'] = async (shape, method, path, body) => {
    const json = { 'content-type': 'application/json' };
    const signIn = { method: 'POST', headers: json, body: JSON.stringify(credentials) };
    const { access_token } = token.parse(await (await fetch(`${url}/auth/token`, signIn)).json());
    const response = await fetch(`${url}/api/v2/${path}`, {
      method,
      headers: { ...json, authorization: `Bearer ${access_token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return shape.parse(await response.json());
  };

  return {
    url,
    variables: {
      AIRFLOW_API_URL: url,
      AIRFLOW_USERNAME: credentials.username,
      AIRFLOW_PASSWORD: credentials.password,
    },
    ready,
    startScheduler: (variables) =>
      start('scheduler', variables, async () => {
        const { scheduler } = health.parse(await answered('/api/v2/monitor/health'));
        return scheduler.status === 'healthy';
      }),
    stopScheduler: async () => started.get('scheduler')?.stop(),
    ask,
    dagRuns: async (text) => {
      const newest = `dags/${retrainDag}/dagRuns?limit=100&order_by=-run_after`;
      const { dag_runs } = await ask(z.object({ dag_runs: z.array(dagRun) }), 'GET', newest);
      return dag_runs.filter(({ dag_run_id }) => dag_run_id.includes(text));
    },
    unpause: async (dag) => {
      await ask(z.unknown(), 'PATCH', `dags/${dag}`, { is_paused: false });
    },
    stop: async () => {
      await ready.catch(() => undefined);
      await Promise.all([...started.values()].map((process) => process.stop()));
      watchdog.dismiss();
    },
  };
}

const health = z.object({ scheduler: z.object({ status: z.string().nullable() }) });
const token = z.object({ access_token: z.string() });
