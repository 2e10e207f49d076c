import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

interface WireRun {
  readonly dag_run_id: string;
  state: string;
  /** Ended while it was queued. */
  never_began?: boolean;
  readonly conf: unknown;
}

/** Speaks to a client as Airflow does on the wire; what it knows is set by the test. */
export interface WireAirflow {
  /** Of 2.x (`v1`) or 3.x (`v2`): changed, it was upgraded with all that it knows. */
  version: 'v1' | 'v2';
  readonly url: string;
  readonly runs: Map<string, WireRun>;
  readonly dags: Map<string, { is_paused: boolean; has_import_errors: boolean }>;
  tasks: { task_id: string; state: string; try_number: number; map_index: number }[];
  log: string;
  scheduler: 'healthy' | 'unhealthy';
  /** Whether runs go on when they are ended. */
  deaf: boolean;
  /**
   * What the next requests whose path matches are answered with; `cut` acts and then hangs up, `unknown host` is a proxy's 404, `echo`
   * a server error that repeats what was sent.
   */
  readonly faults: {
    readonly path: RegExp;
    readonly method?: string;
    readonly answer: number | 'cut' | 'html' | 'echo' | 'unknown host';
  }[];
  /** Tokens given out before are refused from now on. */
  expireTokens(): void;
  /** Method and path of every request, in their order. */
  readonly requests: string[];
  readonly bodies: unknown[];
  close(): Promise<void>;
}

const triggerBody = z.looseObject({ dag_run_id: z.string(), conf: z.unknown() });
const credentials = { username: 'watch', password: 'tower-password' };

/** @param prefix what comes before /api, as behind a proxy */
export async function startWireAirflow(version: 'v1' | 'v2', prefix = ''): Promise<WireAirflow> {
  let tokens = 0;
  let valid = '';
  const root = () => `${prefix}/api/${airflow.version}`;
  const airflow: Omit<WireAirflow, 'url' | 'close'> = {
    version,
    runs: new Map(),
    dags: new Map([['ml_retrain_pipeline', { is_paused: false, has_import_errors: false }]]),
    tasks: [],
    log: '',
    scheduler: 'healthy',
    deaf: false,
    faults: [],
    expireTokens: () => {
      valid = '';
    },
    requests: [],
    bodies: [],
  };

  const knows = ({ headers }: IncomingMessage): boolean => {
    const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    if (airflow.version === 'v1') return headers.authorization === `Basic ${basic}`;
    return valid !== '' && headers.authorization === `Bearer ${valid}`;
  };
  const moments = { start_date: '2026-05-01T10:00:00+00:00', end_date: '2026-05-01T10:00:07.500+00:00' };
  const shown = (run: WireRun) => ({
    ...run,
    start_date: run.state === 'queued' || run.never_began ? null : moments.start_date,
    end_date: ['success', 'failed'].includes(run.state) ? moments.end_date : null,
  });
  const refuse = (status: number, title: string): [number, unknown] =>
    airflow.version === 'v1'
      ? [status, { title, detail: title, status, type: 'about:blank' }]
      : [status, { detail: title }];

  function answer(method: string, path: string, body: unknown): [number, unknown] {
    if (path === `${root()}/version`)
      return [200, { version: airflow.version === 'v2' ? '3.3.0' : '2.11.0' }];
    if (path === `${prefix}/auth/token` && airflow.version === 'v2') {
      if (JSON.stringify(body) !== JSON.stringify(credentials))
        return [401, { detail: 'Invalid credentials' }];
      tokens += 1;
      valid = `token-${tokens}`;
      return [201, { access_token: valid }];
    }
    if (path === `${root()}${airflow.version === 'v2' ? '/monitor/health' : '/health'}`) {
      const beat = { status: airflow.scheduler, latest_scheduler_heartbeat: '2026-05-01T09:00:00+00:00' };
      return [200, { metadatabase: { status: 'healthy' }, scheduler: beat }];
    }
    const [, dagId = '', below] = /^\/dags\/([^/]+)(\/.*)?$/.exec(path.slice(root().length)) ?? [];
    const dag = airflow.dags.get(dagId);
    if (!dag) return refuse(404, 'DAG not found');
    if (below === undefined) return [200, { dag_id: dagId, ...dag }];
    if (below === '/dagRuns' && method === 'POST') return trigger(body);
    const [, id = '', rest] = /^\/dagRuns\/([^/]+)(\/.*)?$/.exec(below) ?? [];
    const run = airflow.runs.get(decodeURIComponent(id));
    if (!run) return refuse(404, 'DAGRun not found');
    if (rest === undefined && method === 'PATCH' && !airflow.deaf) {
      run.never_began = run.state === 'queued';
      run.state = 'failed';
    }
    if (rest === undefined) return [200, shown(run)];
    if (rest === '/taskInstances') {
      return [200, { task_instances: airflow.tasks, total_entries: airflow.tasks.length }];
    }
    const lines = airflow.log.split('\n').map((event) => ({ event, timestamp: moments.start_date }));
    const content =
      airflow.version === 'v2' ? lines : `[('worker-1', '${airflow.log.replaceAll('\n', '\\n')}')]`;
    return [200, { content, continuation_token: null }];
  }

  function trigger(body: unknown): [number, unknown] {
    const asked = triggerBody.parse(body);
    if (airflow.version === 'v2' && !('logical_date' in asked))
      return [422, { detail: [{ loc: ['body', 'logical_date'] }] }];
    if (airflow.version === 'v1' && asked.logical_date === null)
      return refuse(400, 'None is not of type string');
    if (airflow.runs.has(asked.dag_run_id)) return refuse(409, 'DAGRun already exists');
    const run = { dag_run_id: asked.dag_run_id, state: 'queued', conf: asked.conf };
    airflow.runs.set(run.dag_run_id, run);
    return [200, shown(run)];
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const { pathname } = new URL(url, 'http://airflow.test');
    const read = await text(request);
    const body: unknown = read === '' ? undefined : JSON.parse(read);
    airflow.requests.push(`${method} ${pathname}`);
    airflow.bodies.push(body);
    const index = airflow.faults.findIndex(
      (fault) => fault.path.test(pathname) && (fault.method ?? method) === method,
    );
    const fault = index < 0 ? undefined : airflow.faults.splice(index, 1)[0];
    const open = /\/(version|health|token)$/.test(pathname);
    const [status, json] =
      !pathname.startsWith(`${root()}/`) && !pathname.endsWith('/auth/token')
        ? [404, { detail: 'Not Found' }]
        : typeof fault?.answer === 'number'
          ? refuse(fault.answer, 'out of order')
          : open || knows(request)
            ? answer(method, pathname, body)
            : refuse(401, 'Unauthorized');
    if (fault?.answer === 'cut') {
      request.socket.destroy();
      return;
    }
    if (fault?.answer === 'unknown host' || fault?.answer === 'echo') {
      response.statusCode = fault.answer === 'echo' ? 500 : 404;
      response.end(fault.answer === 'echo' ? read : '404 page not found');
      return;
    }
    response.statusCode = fault?.answer === 'html' ? 200 : status;
    response.end(fault?.answer === 'html' ? '<html>Sign in</html>' : JSON.stringify(json));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return Object.assign(airflow, {
    url: `http://127.0.0.1:${address.port}${prefix}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
