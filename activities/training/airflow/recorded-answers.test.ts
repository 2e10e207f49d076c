import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type AirflowClient, createAirflowClient } from './airflow-client.ts';
import {
  assertDagStarts,
  failDagRun,
  listTasks,
  readDagRun,
  readTaskLog,
  schedulerProblem,
  triggerRun,
} from './dag-runs.ts';

/** What Airflow 2.11.2 answered to tests/record-airflow-answers.ts, given again word for word. */
const recording = z.object({
  airflow: z.string(),
  answers: z.record(z.string(), z.object({ request: z.string(), status: z.int(), body: z.unknown() })),
});
let recorded: z.infer<typeof recording>['answers'];
const servers: Server[] = [];
const asked: { readonly line: string; readonly authorization: string | undefined }[] = [];

beforeAll(async () => {
  const file = path.join(import.meta.dirname, 'recorded', '2.11.json');
  recorded = recording.parse(JSON.parse(await readFile(file, 'utf8'))).answers;
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  asked.length = 0;
});

/** An Airflow 2.11 that knows these answers, the version's among them, and no others: 404 as its web server says it. */
async function airflowWith(...names: readonly string[]): Promise<AirflowClient> {
  const known = new Map(
    ['version', ...names].map((name) => {
      const answer = recorded[name];
      if (!answer) throw new Error(`Nothing is recorded as ${name}.`);
      return [answer.request, answer] as const;
    }),
  );
  const made = createServer((request, response) => {
    const line = `${request.method} ${(request.url ?? '').slice(1)}`;
    asked.push({ line, authorization: request.headers.authorization });
    const answer = known.get(line);
    response.statusCode = answer?.status ?? 404;
    response.end(answer ? JSON.stringify(answer.body) : '<!DOCTYPE html><title>Airflow 404</title>');
  });
  servers.push(made);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.int() }).parse(made.address());
  return createAirflowClient({
    AIRFLOW_API_URL: `http://127.0.0.1:${port}`,
    AIRFLOW_USERNAME: 'watch',
    AIRFLOW_PASSWORD: 'tower-password',
  });
}

const dag = 'ml_retrain_pipeline';
const first = 'watchtower__training-1__1';
const second = 'watchtower__training-1__2';
const third = 'watchtower__training-1__3';
const conf = {
  training_id: 'training-1',
  mlflow_run_id: 'run-1',
  mlflow_tracking_uri: 'http://127.0.0.1:5000',
  hyperparameters: { sleep_seconds: 8 },
};

describe('as Airflow 2.11 answers', () => {
  it('its version is found by asking, and basic authentication is used from then on', async () => {
    const client = await airflowWith('dag');
    expect(await client.version()).toBe('v1');
    await assertDagStarts(client, dag);
    expect(asked.map(({ line }) => line)).toEqual([
      'GET api/v2/version',
      'GET api/v1/version',
      `GET api/v1/dags/${dag}`,
    ]);
    expect(asked.at(-1)?.authorization).toBe(
      `Basic ${Buffer.from('watch:tower-password').toString('base64')}`,
    );
  });

  it.each([
    ['dag_unknown', 'nobody', 'DagUnknown'],
    ['dag_paused', dag, 'DagPaused'],
    ['unauthorized', dag, 'TrainerRejected'],
  ] as const)('%s is told by its code', async (name, id, code) => {
    await expect(assertDagStarts(await airflowWith(name), id)).rejects.toMatchObject({ code });
  });

  it.each([
    ['health', null],
    ['health_down', "Airflow's scheduler is down (no heartbeat since it began)"],
  ])('its scheduler is seen (%s)', async (name, problem) => {
    expect(await schedulerProblem(await airflowWith(name))).toBe(problem);
  });

  it('a run is triggered without a logical date, and once', async () => {
    const trigger = async (name: string) => triggerRun(await airflowWith(name), dag, first, conf);
    expect(await trigger('run_triggered')).toBe(true);
    expect(await trigger('run_duplicate')).toBe(false);
    await expect(trigger('trigger_of_other_version')).rejects.toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringContaining('logical_date'),
    });
  });

  it.each([
    ['run_queued', first, 'queued', null],
    ['run_running', first, 'running', null],
    ['run_success', first, 'success', Date.parse('2026-11-24T01:21:39.502Z')],
  ] as const)('%s is read', async (name, id, state, end_date) => {
    const run = await readDagRun(await airflowWith(name), dag, id);
    expect(run).toMatchObject({ dag_run_id: id, state, end_date, conf });
  });

  it('a run that is not there is none', async () => {
    expect(await readDagRun(await airflowWith('run_unknown'), dag, 'nobody')).toBeNull();
  });

  it('a run is ended, and again', async () => {
    await failDagRun(await airflowWith('run_stopped'), dag, third);
    await failDagRun(await airflowWith('run_stopped_again'), dag, third);
    expect(asked.filter(({ line }) => line.startsWith('PATCH'))).toHaveLength(2);
  });

  it('the tasks and their tries are read', async () => {
    expect(await listTasks(await airflowWith('tasks_running'), dag, first)).toEqual([
      { task_id: 'check', state: 'success', try_number: 1, map_index: -1 },
      { task_id: 'train', state: 'running', try_number: 1, map_index: -1 },
    ]);
    expect(await listTasks(await airflowWith('tasks_stopped'), dag, third)).toMatchObject([
      { state: 'skipped' },
      { state: 'skipped', try_number: 0 },
    ]);
  });

  it('a log is its text, with the quotes and backslashes that were printed', async () => {
    const task = { task_id: 'train', try_number: 1, map_index: -1 };
    const log = async (name: string, run: string) => {
      const read = await readTaskLog(await airflowWith(name), dag, run, task);
      return 'text' in read ? read.text : read.unreadable;
    };
    expect((await log('log_running', first)).split('\n').at(-1)).toMatch(
      /INFO - it's "quoted", with a \\ and an ü$/,
    );
    const failed = await log('log_failed', second);
    expect(failed).toContain('\nRuntimeError: train.py exited with 3\n');
    expect(failed).not.toMatch(/::group::|\\n/);
  });

  it('the log of a task that never began is empty', async () => {
    const task = { task_id: 'train', try_number: 0, map_index: -1 };
    expect(await readTaskLog(await airflowWith(), dag, third, task)).toEqual({ text: '' });
    expect(asked).toEqual([]);
  });
});
