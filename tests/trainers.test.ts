import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
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
  WatchtowerError,
} from '@watchtower/contracts';
import { z } from 'zod';
import { type AirflowServer, retrainDag } from './airflow-server.ts';
import { pythonImage } from './docker-image.ts';
import {
  applyBriefModel,
  briefAirflow,
  type Gate,
  type Gates,
  installGates,
  type KilledTrainer,
  killedTrainers,
  oneResult,
  settled,
  type WhatBecame,
} from './killed-trainings.ts';
import { type Lab, openLab, syntheticDefinition } from './lab.ts';
import { mlflowRunsOf } from './mlflow-runs.ts';
import { airflow as airflowPart, describeWith, docker as dockerPart } from './optional-parts.ts';

const minutes = 60_000;
jest.setTimeout(4 * minutes);

const hasAirflow = airflowPart.missing() === undefined;
const hasDocker = dockerPart.missing() === undefined;
/** Models of trainings that lose no worker. */
const other = { cancelled: 'airflow-cancelled', weekly: 'airflow-weekly' };

let lab: Lab;
/** One for all tests, in their order: it is paused at first, and has no scheduler at last. */
let airflow: AirflowServer;
let scheduler: Promise<void> | undefined;
let cancelled: RunId | undefined;

beforeAll(async () => {
  lab = await openLab('trainers', async (stack) => {
    if (hasAirflow) airflow = await briefAirflow(stack);
    return {
      ...(hasAirflow && airflow.variables),
      ...(hasDocker && { EXECUTION_DOCKER_IMAGE: await pythonImage() }),
    };
  });
  if (!hasAirflow) return;
  await airflow.ready;
  scheduler = airflow.startScheduler({
    WATCHTOWER_URL: lab.gateway.url,
    WATCHTOWER_API_KEY: lab.stack.apiKey,
    WATCHTOWER_MODEL: other.weekly,
  });
  // Whoever needs it awaits it.
  scheduler.catch(() => undefined);
});
afterAll(() => Promise.all([lab?.close(), airflow?.stop()]), minutes);

describeWith(airflowPart, 'an Airflow that can start nothing', () => {
  test('is named before anything is triggered', async () => {
    await expect(trainer().start(order(), waited)).rejects.toMatchObject({ code: 'DagPaused' });
    await expect(trainer({ RETRAIN_DAG_ID: 'nobody' }).start(order(), waited)).rejects.toMatchObject({
      code: 'DagUnknown',
      message: expect.stringContaining('"nobody"'),
    });
    const wrong = await trainer({ AIRFLOW_PASSWORD: 'not-this-one' })
      .start(order(), waited)
      .catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringContaining('AIRFLOW_PASSWORD'),
    });
    expect(String(wrong)).not.toContain('not-this-one');
    expect(await airflow.dagRuns('')).toEqual([]);
  });

  afterAll(() => airflow.unpause(retrainDag));
});

/** Trainings through each trainer at once, each at its own moment, lose their one worker. */
describe('a training whose worker is killed (kill -9)', () => {
  const gates: readonly Gate[] = ['before the trigger', 'right after it'];
  const moments = [...gates, 'during the wait'] as const;
  const here = killedTrainers.filter((name) =>
    name === 'docker' ? hasDocker : name === 'process' || hasAirflow,
  );
  const cases = here.flatMap((name) => moments.map((moment) => ({ trainer: name, moment })));
  const became = new Map<string, WhatBecame>();
  const dagRuns = new Map<string, { readonly found: unknown; readonly wanted: unknown }>();

  let shut: Gates | undefined;
  // A connection that is left open would keep Jest from ending.
  afterAll(() => shut?.open());
  beforeAll(async () => {
    shut = await installGates(lab.stack.databaseUrl);
    const gatesShut = shut;
    const runs = await Promise.all(cases.map((each) => begin(gatesShut, each)));
    await shut.reached(here.length * gates.length);
    // One after the other: each look at a row costs the machine something.
    for (const { run, moment } of runs) {
      if (moment === 'during the wait') await lab.step(run, 'training_started');
    }
    await sleep(1_500);
    await lab.worker.kill('SIGKILL');
    await shut.open();
    await lab.restartWorker();
    if (hasAirflow) {
      await applyBriefModel(lab, other.cancelled, 'airflow', 120);
      cancelled = await lab.startRun({ model: other.cancelled });
    }
    for (const { name, run, trainer: by } of runs) {
      became.set(name, await settled(lab, run, by, hasAirflow ? airflow : undefined));
      if (by === 'airflow') dagRuns.set(name, await comparedDagRuns(run));
    }
  }, 6 * minutes);

  async function begin(shut: Gates, { trainer: by, moment }: (typeof cases)[number]) {
    const name = `${by}, ${moment}`;
    const model = name.replaceAll(/[^a-z]+/g, '-');
    // It outlasts the way to the kill; meanwhile Temporal waits longer than that for the worker's heartbeat.
    await applyBriefModel(lab, model, by, 10);
    // The others are measured meanwhile.
    if (by === 'airflow') await scheduler;
    const run = await lab.startRun({ model });
    for (const gate of gates) if (gate === moment) await shut.shut(run, gate);
    return { name, run, moment, trainer: by };
  }

  /** What Airflow has of a training, with what our row says it must have. */
  async function comparedDagRuns(run: RunId): Promise<{ found: unknown; wanted: unknown }> {
    const { id, request } = await lab.database.training.findUniqueOrThrow({ where: { run_id: run } });
    const wanted = [{ dag_run_id: `watchtower__${id}__1`, state: 'success', conf: request }];
    return { found: await airflow.dagRuns(id), wanted };
  }

  const adoptsOne = (by: KilledTrainer) =>
    test.each(moments)('%s: one result is adopted and nothing is left running', (moment) => {
      expect(became.get(`${by}, ${moment}`)).toEqual(oneResult);
    });
  describe('through process', () => adoptsOne('process'));
  describeWith(dockerPart, 'through docker', () => adoptsOne('docker'));
  describeWith(airflowPart, 'through airflow', () => {
    adoptsOne('airflow');
    test.each(moments)('%s: there is one DAG run, with our conf', (moment) => {
      const compared = dagRuns.get(`airflow, ${moment}`);
      expect(compared).toBeDefined();
      expect(compared?.found).toEqual(compared?.wanted);
    });
  });
});

describeWith(airflowPart, 'a training through airflow', () => {
  test('that is cancelled while it trains leaves no task and no process behind', async () => {
    if (cancelled === undefined) throw new Error('No run was begun to be cancelled.');
    const run = cancelled;
    await lab.step(run, 'training_started');
    const { mlflow_run_id, id } = await lab.database.training.findUniqueOrThrow({ where: { run_id: run } });
    while ((await processesOf(mlflow_run_id)).length === 0) await sleep(200);
    expect(await streamedProgress(run)).toMatch(/"last_line":".*training, \d+\.\d s to go"/);
    expect((await lab.request('POST', `/pipeline/${run}/cancel`)).status).toBe(202);
    expect(await lab.ended(run)).toMatchObject({ status: 'cancelled' });
    expect(await airflow.dagRuns(id)).toMatchObject([{ state: 'failed' }]);
    expect(await mlflowRunsOf(lab.stack.mlflow, id)).toEqual(['KILLED']);
    // Airflow ends a task with its next heartbeat.
    for (let look = 0; look < 50 && (await processesOf(mlflow_run_id)).length > 0; look += 1)
      await sleep(200);
    expect(await processesOf(mlflow_run_id)).toEqual([]);
  });

  test('that is triggered again is the same DAG run, and another order is refused', async () => {
    const one = trainer();
    const starters = [one, one, trainer()];
    const handles = await Promise.all(starters.map((each) => startedAsByTemporal(each)));
    expect(new Set(handles.map((handle) => handle?.trainer === 'airflow' && handle.dag_run_id)).size).toBe(1);
    await expect(trainer().start(order({ seed: 2 }), waited)).rejects.toMatchObject({
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

  test('is begun by the weekly DAG, once', async () => {
    await applyBriefModel(lab, other.weekly, 'airflow', 0);
    await airflow.unpause('watchtower_weekly');
    const state = async () =>
      (await airflow.ask(weeklyRuns, 'GET', 'dags/watchtower_weekly/dagRuns')).dag_runs.map(
        (run) => run.state,
      );
    while ((await state())[0] !== 'success') await sleep(500);
    expect(await state()).toHaveLength(1);
    expect(await lab.database.run.findMany({ where: { model: other.weekly } })).toMatchObject([
      { trigger_source: 'airflow' },
    ]);
  });

  test('is not triggered while the scheduler is down', async () => {
    await airflow.stopScheduler();
    const training_id = trainingIdOf('0198f3c2-0000-7000-8000-00000000a1f2');
    await expect(trainer().start(order({ training_id }), waited)).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining('scheduler is down (no heartbeat since 2'),
    });
    expect(await airflow.dagRuns(training_id)).toEqual([]);
  });
});

const weeklyRuns = z.object({ dag_runs: z.array(z.object({ state: z.string() })) });

/** Somebody waits for it. */
const waited = new AbortController().signal;

/** A trainer with nothing behind it but Airflow. */
const trainer = (variables: Readonly<Record<string, string>> = {}) =>
  createAirflowTrainer(
    parseEnvironment({ ...lab.stack.environment, ...lab.variables, ...variables }),
    memoryLedger(),
  );

/** Airflow on SQLite may answer 500 to triggers at the same moment. */
async function startedAsByTemporal(by: ReturnType<typeof trainer>) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await by.start(order(), waited);
    } catch (error) {
      const passing = error instanceof WatchtowerError && error.code === 'TrainerUnavailable';
      if (!passing || attempt === 5) throw error;
      await sleep(1_000);
    }
  }
}

const definition = () =>
  resolveDefinition(
    definitionInput.parse(
      syntheticDefinition('airflow', { retrain: { trainer: 'airflow', timeout: '5m', stuck_after: '1m' } }),
    ),
    { task: 'binary_classification', shareThreshold: 0.2, minImprovement: 0 },
  );

const order = (changes: Partial<TrainingRequest> = {}) => ({
  definition: definition(),
  request: { ...requestOf(lab.stack.mlflow), ...changes },
  attempt: 1,
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

/** The first `training_progress` of a run's event stream that tells what its job printed. */
async function streamedProgress(run: RunId): Promise<string> {
  const { gateway, stack } = lab;
  const response = await fetch(`${gateway.url}/pipeline/status/${run}/stream`, {
    headers: { 'x-api-key': stack.apiKey },
  });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('utf8');
    const found = /^event: training_progress\ndata: (.*to go.*)$/m.exec(text)?.[1];
    // Leaving the loop closes the stream.
    if (found !== undefined) return found;
  }
  return text;
}

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
