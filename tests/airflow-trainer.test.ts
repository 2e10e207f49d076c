import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createAirflowTrainer } from '@watchtower/activities/training/airflow/index';
import { memoryLedger } from '@watchtower/activities/training/memory-ledger';
import {
  definitionInput,
  parseEnvironment,
  type RunId,
  resolveDefinition,
  type TrainingRequest,
  trainingIdOf,
  trainingRequest,
} from '@watchtower/contracts';
import { z } from 'zod';
import { type AirflowServer, startAirflow } from './airflow-server.ts';
import { type HttpGate, openGate } from './http-gate.ts';
import { type Lab, openLab, syntheticDefinition } from './lab.ts';
import { mlflowRunsOf } from './mlflow-runs.ts';
import { airflow as airflowPart, describeWith } from './optional-parts.ts';

const minutes = 60_000;
jest.setTimeout(8 * minutes);

const dag = 'ml_retrain_pipeline';
const retrain = { trainer: 'airflow', timeout: '5m', stuck_after: '1m', cool_down: '0s' } as const;
const slowly = { ...retrain, hyperparameters: { sleep_seconds: 8 } };
const dagRuns = z.object({
  dag_runs: z.array(z.object({ dag_run_id: z.string(), state: z.string(), conf: z.unknown() })),
});

/** In their order: the one Airflow is paused at first and has no scheduler at last, and a run begun in one test is cancelled in another. */
describeWith(airflowPart, 'the trainer airflow, against an Airflow 3', () => {
  let airflow: AirflowServer;
  let gate: HttpGate;
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab('airflow', async ({ workspaces }) => {
      airflow = await startAirflow(join(workspaces, 'airflow'));
      gate = await openGate(airflow.url);
      const { username: AIRFLOW_USERNAME, password: AIRFLOW_PASSWORD } = airflow;
      return { AIRFLOW_API_URL: gate.url, AIRFLOW_USERNAME, AIRFLOW_PASSWORD };
    });
    const scheduler = airflow.startScheduler({
      WATCHTOWER_EXAMPLE: join(import.meta.dirname, 'trainer'),
      WATCHTOWER_TRAIN_PYTHON: lab.stack.environment.PYTHON ?? 'python3',
      WATCHTOWER_URL: lab.gateway.url,
      WATCHTOWER_API_KEY: lab.stack.apiKey,
      WATCHTOWER_MODEL: brief.weekly,
    });
    await lab.apply({ retrain: slowly, approval: { required: 'never' } });
    await lab.seedChampion();
    await lab.apply({ windows: { current: calm }, evaluate: { split: { at: '2026-02-15' } } }, brief.weekly);
    for (const name of [brief.before, brief.after]) await lab.apply({ retrain }, name);
    await lab.apply({ retrain: { ...retrain, hyperparameters: { sleep_seconds: 120 } } }, brief.cancelled);
    for (const name of Object.values(brief)) await lab.shareChampion(name);
    await Promise.all([airflow.ready, scheduler]);
  });
  afterAll(async () => {
    await gate?.close();
    await Promise.all([lab?.close(), airflow?.stop()]);
  }, minutes);

  /** Models whose runs need not come to their end. */
  const brief = {
    before: 'airflow-before',
    after: 'airflow-after',
    cancelled: 'airflow-cancelled',
    weekly: 'airflow-weekly',
  };
  let during: RunId;
  let before: RunId;
  let after: RunId;
  let cancelled: RunId;
  const calm = { from: '2026-02-01', to: '2026-03-01' };

  /** A trainer with nothing behind it but Airflow. */
  const trainer = (variables: Readonly<Record<string, string>> = {}) =>
    createAirflowTrainer(
      parseEnvironment({ ...lab.stack.environment, ...lab.variables, ...variables }),
      memoryLedger(),
    );
  const definition = () =>
    resolveDefinition(definitionInput.parse(syntheticDefinition('airflow', { retrain })), {
      task: 'binary_classification',
      shareThreshold: 0.2,
      minImprovement: 0,
    });
  const order = (changes: Partial<TrainingRequest> = {}) => ({
    definition: definition(),
    request: { ...requestOf(lab.stack.mlflow), ...changes },
    attempt: 1,
  });
  const dagRunsOf = async (run: RunId) => {
    const { dag_runs } = await airflow.ask(dagRuns, 'GET', `dags/${dag}/dagRuns?limit=100`);
    return dag_runs.filter(({ dag_run_id }) => dag_run_id.includes(run));
  };

  /** Waits until a process of this run trains. */
  const training = async (run: RunId): Promise<void> => {
    await lab.step(run, 'training_started');
    const { mlflow_run_id } = await lab.database.training.findUniqueOrThrow({ where: { run_id: run } });
    while ((await processesOf(mlflow_run_id)).length === 0) await sleep(100);
  };
  const held = new Set<RunId>();
  /** One run comes to its first question and no further, the other to its trigger, whose answer it does not hear. */
  const stopAround = () => {
    let triggered = false;
    gate.hold((line, body) => {
      const about = (run: RunId) => line.includes(run) || body.includes(`watchtower__training-${run}`);
      if (about(before)) {
        held.add(before);
        return 'request';
      }
      if (!about(after) || !(triggered || line.startsWith('POST'))) return null;
      held.add(after);
      const first = !triggered;
      triggered = true;
      return first ? 'answer' : 'request';
    });
  };

  test('what can never start is named before anything is triggered', async () => {
    await expect(trainer().start(order())).rejects.toMatchObject({ code: 'DagPaused' });
    await expect(trainer({ RETRAIN_DAG_ID: 'nobody' }).start(order())).rejects.toMatchObject({
      code: 'DagUnknown',
      message: expect.stringContaining('"nobody"'),
    });
    const wrong = await trainer({ AIRFLOW_PASSWORD: 'not-this-one' })
      .start(order())
      .catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringContaining('AIRFLOW_PASSWORD'),
    });
    expect(String(wrong)).not.toContain('not-this-one');
    expect(gate.requests.filter((line) => line.startsWith('POST /api'))).toEqual([]);
    await airflow.unpause(dag);
  });

  test('kill -9 of the worker before the trigger, right after it and during the wait: one training each', async () => {
    during = await lab.startRun();
    before = await lab.startRun({ model: brief.before });
    after = await lab.startRun({ model: brief.after });
    stopAround();
    await training(during);
    while (held.size < 2) await sleep(50);
    await lab.worker.kill('SIGKILL');
    expect(await dagRunsOf(before)).toEqual([]);
    expect(await dagRunsOf(after)).toHaveLength(1);
    gate.hold(() => null);
    await lab.restartWorker();
    cancelled = await lab.startRun({ model: brief.cancelled });

    expect(await lab.ended(during)).toMatchObject({ status: 'completed', outcome: 'promoted' });
    for (const run of [during, before, after]) {
      await lab.step(run, 'training_settled');
      const row = await lab.database.training.findUniqueOrThrow({
        where: { run_id: run },
        include: { attempts: true },
      });
      expect(row).toMatchObject({ status: 'succeeded', adopted_attempt: 1, attempts: [{ number: 1 }] });
      expect(await dagRunsOf(run)).toEqual([
        { dag_run_id: `watchtower__${row.id}__1`, state: 'success', conf: row.request },
      ]);
      expect(await mlflowRunsOf(lab.stack.mlflow, row.id)).toEqual(['FINISHED']);
      expect(await processesOf(row.mlflow_run_id)).toEqual([]);
    }
    // A token lives for five seconds here: each wait needed several.
    expect(gate.requests.filter((line) => line === 'POST /auth/token').length).toBeGreaterThan(5);
  });

  test('a trigger that is repeated is the same DAG run, and another order is refused', async () => {
    const one = trainer();
    const handles = await Promise.all([one.start(order()), one.start(order()), trainer().start(order())]);
    expect(new Set(handles.map((handle) => handle?.trainer === 'airflow' && handle.dag_run_id)).size).toBe(1);
    await expect(trainer().start(order({ seed: 2 }))).rejects.toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringContaining('another conf'),
    });
    // There is no such MLflow run, which the first task finds out.
    const { training_id } = order().request;
    const end = await one.observe({ training_id, attempt: 1 }, definition(), {
      beat: () => undefined,
      pause: () => sleep(500),
      earlier: undefined,
    });
    expect(end).toMatchObject({ status: 'failed', failure_code: 'TrainingFailed', exit_code: null });
    expect(end.log_tail).toMatch(/HTTPError: HTTP Error 404: .*\n$/);
  });

  test('a run that is cancelled while it trains leaves no task and no process behind', async () => {
    await training(cancelled);
    const { mlflow_run_id, id } = await lab.database.training.findUniqueOrThrow({
      where: { run_id: cancelled },
    });
    expect(await processesOf(mlflow_run_id)).not.toEqual([]);
    expect((await lab.request('POST', `/pipeline/${cancelled}/cancel`)).status).toBe(202);
    expect(await lab.ended(cancelled)).toMatchObject({ status: 'cancelled' });
    expect(await dagRunsOf(cancelled)).toMatchObject([{ state: 'failed' }]);
    expect(await mlflowRunsOf(lab.stack.mlflow, id)).toEqual(['KILLED']);
    // Airflow ends a task with its next heartbeat.
    for (let look = 0; look < 50 && (await processesOf(mlflow_run_id)).length > 0; look += 1)
      await sleep(200);
    expect(await processesOf(mlflow_run_id)).toEqual([]);
  });

  test('the weekly DAG starts a run of Watchtower, once', async () => {
    await airflow.unpause('watchtower_weekly');
    const found = () => lab.database.run.findMany({ where: { model: brief.weekly } });
    while ((await found()).length === 0) await sleep(200);
    const state = async () =>
      (await airflow.ask(dagRuns, 'GET', 'dags/watchtower_weekly/dagRuns')).dag_runs.map((run) => run.state);
    while ((await state())[0] !== 'success') await sleep(500);
    expect(await state()).toHaveLength(1);
    expect(await found()).toMatchObject([{ trigger_source: 'airflow' }]);
  });

  test('nothing is triggered while its scheduler is down', async () => {
    await airflow.stopScheduler();
    const { requests } = gate;
    const before = requests.length;
    await expect(
      trainer().start(order({ training_id: trainingIdOf('0198f3c2-0000-7000-8000-00000000a1f2') })),
    ).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining('scheduler is down (no heartbeat since 2'),
    });
    expect(requests.slice(before).filter((line) => line.endsWith('/dagRuns'))).toEqual([]);
  });
});

/** Of a training that nobody opened. */
const requestOf = (mlflow: string): TrainingRequest =>
  trainingRequest.parse({
    training_id: trainingIdOf('0198f3c2-0000-7000-8000-00000000a1f1'),
    model: 'airflow',
    registered_model: 'airflow',
    mlflow_run_id: 'f'.repeat(32),
    mlflow_tracking_uri: mlflow,
    strategy: 'full_retrain',
    feature_subset: null,
    class_weights: null,
    seed: 1,
    notes: '',
    hyperparameters: {},
    target: 'y',
    time_column: 'time',
    data_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
    data_path: null,
  });

/** Processes that train for this MLflow run. */
async function processesOf(mlflowRunId: string | null): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      text: await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''),
    })),
  );
  return environments
    .filter(({ text }) => text.includes(`MLFLOW_RUN_ID=${mlflowRunId}`))
    .map(({ pid }) => pid);
}
