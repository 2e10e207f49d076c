/**
 * Records what a real Airflow answers to the questions of the trainer `airflow`, for its unit tests:
 *
 *     node --conditions=source --import tsx tests/record-airflow-answers.ts <venv>/bin/airflow
 *
 * of an Airflow 2.x or 3.x that is installed there with nothing configured. Writes
 * activities/training/airflow/recorded/<major>.<minor>.json.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@watchtower/stack/ports';
import { repositoryRoot } from '@watchtower/stack/repository';

const run = promisify(execFile);
const program = process.argv[2] ?? '';
const dag = 'ml_retrain_pipeline';
const login = { username: 'watch', password: 'tower-password' };
const json = { 'content-type': 'application/json', accept: 'application/json' };

/** Trains nothing: prints, and fails where its request says so. */
const job = `
import json, os, time
request = json.load(open(os.environ["WATCHTOWER_TRAINING_REQUEST"]))
print("it's \\"quoted\\", with a \\\\ and an \\u00fc", flush=True)
time.sleep(request["hyperparameters"].get("sleep_seconds", 0))
raise SystemExit(request["hyperparameters"].get("exit_code", 0))
`;

interface Recorded {
  readonly request: string;
  readonly status: number;
  readonly body: unknown;
}
const recorded: Record<string, Recorded> = {};
const children: ChildProcess[] = [];
const folder = await realpath(await mkdtemp(join(tmpdir(), 'record-airflow-')));
const mlflow = createServer((_, response) => {
  response.end(JSON.stringify({ run: { info: { status: 'RUNNING' } } }));
});

try {
  await record();
} finally {
  for (const child of children) await end(child);
  mlflow.close();
  await rm(folder, { recursive: true, force: true });
}

async function record(): Promise<void> {
  mlflow.listen(0, '127.0.0.1');
  await once(mlflow, 'listening');
  const address = mlflow.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const tracking = `http://127.0.0.1:${address.port}`;
  await mkdir(join(folder, 'example'));
  await writeFile(join(folder, 'example', 'train.py'), job);
  await writeFile(join(folder, 'passwords.json'), JSON.stringify({ [login.username]: login.password }));
  const port = String(await freePort(new Set()));
  const url = `http://127.0.0.1:${port}`;
  const secret = 's'.repeat(64);
  const env = {
    ...process.env,
    NODE_OPTIONS: undefined,
    PATH: `${dirname(program)}:${process.env.PATH}`,
    WATCHTOWER_EXAMPLE: join(folder, 'example'),
    AIRFLOW_HOME: folder,
    AIRFLOW__CORE__DAGS_FOLDER: join(repositoryRoot, 'infra', 'airflow', 'dags'),
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC: '1',
    AIRFLOW__LOGGING__LOGGING_LEVEL: 'INFO',
    // 2.x
    AIRFLOW__API__AUTH_BACKENDS: 'airflow.api.auth.backend.basic_auth',
    AIRFLOW__WEBSERVER__WEB_SERVER_HOST: '127.0.0.1',
    AIRFLOW__WEBSERVER__WEB_SERVER_PORT: port,
    AIRFLOW__WEBSERVER__WORKERS: '1',
    AIRFLOW__WEBSERVER__SECRET_KEY: secret,
    // 3.x
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__PORT: port,
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__API__SECRET_KEY: secret,
    AIRFLOW__API_AUTH__JWT_SECRET: secret,
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: `${login.username}:user`,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: join(folder, 'passwords.json'),
  };
  const airflow = (...args: string[]) => run(program, args, { env, cwd: folder, maxBuffer: 64 * 1024 ** 2 });
  const start = (...args: string[]) =>
    children.push(spawn(program, args, { env, cwd: folder, detached: true, stdio: 'ignore' }));
  const version = (await airflow('version')).stdout.trim().split('\n').at(-1) ?? '';
  const major = Number(version.split('.')[0]);
  const api = major >= 3 ? 'api/v2' : 'api/v1';
  await airflow('db', 'migrate');
  if (major >= 3) await airflow('dag-processor', '--num-runs', '1');
  else {
    const names = ['--firstname', 'Watch', '--lastname', 'Tower', '--email', 'watch@example.org'];
    const access = ['--role', 'Admin', '--username', login.username, '--password', login.password];
    await airflow('users', 'create', ...names, ...access);
    await airflow('dags', 'reserialize');
  }
  start(...(major >= 3 ? ['api-server'] : ['webserver']));
  await until(async () => (await fetch(`${url}/${api}/version`)).ok);

  const authorized = async (password = login.password): Promise<string> => {
    if (major < 3) return `Basic ${Buffer.from(`${login.username}:${password}`).toString('base64')}`;
    const body = JSON.stringify({ ...login, password });
    const answer = await fetch(`${url}/auth/token`, { method: 'POST', headers: json, body });
    const given = (await answer.json()) as { access_token?: string };
    return `Bearer ${given.access_token ?? 'none'}`;
  };
  const authorization = await authorized();
  /** Asks, and keeps the answer under this name. */
  const ask = async (
    name: string,
    request: string,
    body?: unknown,
    as = authorization,
  ): Promise<Recorded> => {
    const [method = 'GET', path = ''] = request.split(' ');
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: { ...json, authorization: as },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const kept = { request, status: response.status, body: isJson ? JSON.parse(text) : text.slice(0, 200) };
    recorded[name] = kept;
    return kept;
  };
  const stateOf = ({ body }: Recorded) => (body as { state?: string }).state;

  await ask('version', `GET ${api}/version`);
  await ask('other_version', `GET ${major >= 3 ? 'api/v1' : 'api/v2'}/version`).catch(() => undefined);
  const health = `GET ${major >= 3 ? `${api}/monitor/health` : `${api}/health`}`;
  await ask('health_down', health);
  if (major >= 3) {
    await ask('token_refused', 'POST auth/token', { ...login, password: 'wrong' });
    await ask('unauthorized', `GET ${api}/dags/${dag}`, undefined, 'Bearer none');
  } else {
    await ask('unauthorized', `GET ${api}/dags/${dag}`, undefined, await authorized('wrong'));
  }
  await ask('dag_unknown', `GET ${api}/dags/nobody`);
  await ask('dag_paused', `GET ${api}/dags/${dag}`);
  await ask('dag_unpaused', `PATCH ${api}/dags/${dag}`, { is_paused: false });
  await ask('dag', `GET ${api}/dags/${dag}`);

  const runs = `${api}/dags/${dag}/dagRuns`;
  const conf = (hyperparameters: Record<string, number>) => ({
    training_id: 'training-1',
    mlflow_run_id: 'run-1',
    mlflow_tracking_uri: tracking,
    hyperparameters,
  });
  const trigger = (name: string, id: string, hyperparameters = {}) => {
    const logical = major >= 3 ? { logical_date: null } : {};
    return ask(name, `POST ${runs}`, { dag_run_id: id, conf: conf(hyperparameters), ...logical });
  };
  const id = 'watchtower__training-1__1';
  const tasksOf = (dagRun: string) => `GET ${runs}/${dagRun}/taskInstances?limit=100`;
  const logOf = (dagRun: string) => `GET ${runs}/${dagRun}/taskInstances/train/logs/1?full_content=true`;
  await ask('run_unknown', `GET ${runs}/nobody`);
  await trigger('run_triggered', id, { sleep_seconds: 8 });
  await trigger('run_duplicate', id, { sleep_seconds: 8 });
  const wrong = { dag_run_id: 'odd', conf: {}, ...(major < 3 && { logical_date: null }) };
  await ask('trigger_of_other_version', `POST ${runs}`, wrong);
  await ask('run_queued', `GET ${runs}/${id}`);
  start('scheduler');
  await until(async () => {
    const { body } = await ask('tasks_running', tasksOf(id));
    const { task_instances } = body as { task_instances: { task_id: string; state: string | null }[] };
    return task_instances.some(({ task_id, state }) => task_id === 'train' && state === 'running');
  });
  await sleep(2_000);
  await ask('tasks_running', tasksOf(id));
  await ask('log_running', logOf(id));
  await ask('run_running', `GET ${runs}/${id}`);
  await ask('health', health);
  await until(async () => stateOf(await ask('run_success', `GET ${runs}/${id}`)) === 'success');
  await ask('tasks_success', tasksOf(id));
  await ask('log_success', logOf(id));

  const failing = 'watchtower__training-1__2';
  await trigger('run_triggered', failing, { exit_code: 3 });
  await until(async () => stateOf(await ask('run_failed', `GET ${runs}/${failing}`)) === 'failed');
  await ask('tasks_failed', tasksOf(failing));
  await ask('log_failed', logOf(failing));

  const long = 'watchtower__training-1__3';
  await trigger('run_triggered', long, { sleep_seconds: 300 });
  await until(async () => stateOf(await ask('run_stopping', `GET ${runs}/${long}`)) === 'running');
  await sleep(6_000);
  await ask('run_stopped', `PATCH ${runs}/${long}`, { state: 'failed' });
  await ask('run_stopped_again', `PATCH ${runs}/${long}`, { state: 'failed' });
  await ask('tasks_stopped', tasksOf(long));

  const file = join(
    repositoryRoot,
    'activities/training/airflow/recorded',
    `${version.replace(/\.\d+$/, '')}.json`,
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ airflow: version, answers: neutral(tracking) }, null, 2)}\n`);
  console.log(`${Object.keys(recorded).length} answers of Airflow ${version}: ${file}`);
}

/** Without this machine's names and paths. */
function neutral(tracking: string): unknown {
  const names: readonly (readonly [string | RegExp, string])[] = [
    [dirname(dirname(program)), '/venv'],
    [join(repositoryRoot, 'infra', 'airflow'), '/airflow'],
    [folder, '/airflow'],
    [tracking, 'http://127.0.0.1:5000'],
    [/[^"\s]*\/lib\/(python3\.\d+)\/(?!site-packages)/g, '/usr/lib/$1/'],
    [/"(hostname|unixname)": ?"[^"]+"/g, '"$1":"airflow"'],
    [/"pid": ?\d+/g, '"pid":1'],
    [/"file_token": ?"[^"]+"/g, '"file_token":"signed"'],
    [/\/tmp\/tmp\w+/g, '/tmp/job'],
    [hostname(), 'airflow'],
  ];
  let text = JSON.stringify(recorded);
  for (const [name, instead] of names) text = text.replaceAll(name, instead);
  return JSON.parse(text);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 300_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('Airflow did not come to what is to be recorded.');
    await sleep(500);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null) return;
  const gone = once(child, 'exit');
  process.kill(-pid, 'SIGTERM');
  await Promise.race([gone, sleep(10_000)]);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it is gone.
  }
}
