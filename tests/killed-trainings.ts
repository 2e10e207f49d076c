import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createMlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { findTrainingRuns, listExperiments } from '@watchtower/activities/mlflow/runs';
import { type RunId, type TrainerName, trainingIdOf } from '@watchtower/contracts';
import { Client } from 'pg';
import { z } from 'zod';
import { type AirflowServer, startAirflow } from './airflow-server.ts';
import type { Lab } from './lab.ts';
import type { StackConnection } from './stack-connection.ts';

const run = promisify(execFile);

/** Trainers whose worker is killed here. */
export const killedTrainers = ['process', 'docker', 'airflow'] as const satisfies readonly TrainerName[];
export type KilledTrainer = (typeof killedTrainers)[number];

/** Stores a model that is trained by `tests/trainer/brief.py`, which needs Python alone. */
export async function applyBriefModel(
  lab: Lab,
  name: string,
  trainer: TrainerName,
  seconds: number,
): Promise<void> {
  const hyperparameters = { sleep_seconds: seconds };
  await lab.apply({ retrain: { trainer, command: ['{python}', 'brief.py'], hyperparameters } }, name);
}

/** An Airflow whose DAG trains by `tests/trainer/brief.py`. @param workspaces a folder of the test file's own */
export async function briefAirflow({ workspaces, environment }: StackConnection): Promise<AirflowServer> {
  const airflow = await startAirflow(join(workspaces, 'airflow'));
  const example = join(workspaces, 'brief-example');
  await mkdir(example);
  await symlink(join(import.meta.dirname, 'trainer', 'brief.py'), join(example, 'train.py'));
  return {
    ...airflow,
    startScheduler: (variables) =>
      airflow.startScheduler({
        ...variables,
        WATCHTOWER_EXAMPLE: example,
        WATCHTOWER_TRAIN_PYTHON: environment.PYTHON ?? 'python3',
      }),
  };
}

/** What a training came to, as everybody who knows of it tells it. */
export interface WhatBecame {
  readonly status: string;
  readonly attempts: readonly string[];
  readonly adopted: number | null;
  /** MLflow runs with the training's tag. */
  readonly mlflow_runs: readonly string[];
  /** How many trainings came to their end: each logs the metric `trained` once. */
  readonly trained: number;
  /** Containers, processes and DAG runs of it. */
  readonly alive: readonly string[];
}

/** Whatever was killed on the way, with one attempt. */
export const oneResult: WhatBecame = {
  status: 'succeeded',
  attempts: ['succeeded'],
  adopted: 1,
  mlflow_runs: ['FINISHED'],
  trained: 1,
  alive: [],
};

/** Waits until a run's training has ended; what would follow (its evaluation) is not waited for, but cancelled. */
export async function settled(
  lab: Lab,
  runId: RunId,
  trainer: KilledTrainer,
  airflow?: AirflowServer,
): Promise<WhatBecame> {
  await lab.step(runId, 'training_settled', 240_000);
  await lab.request('POST', `/pipeline/${runId}/cancel`);
  await lab.ended(runId);
  const training = await lab.database.training.findUniqueOrThrow({
    where: { run_id: runId },
    include: { attempts: { orderBy: { number: 'asc' } } },
  });
  const client = createMlflowClient({
    MLFLOW_TRACKING_URI: lab.stack.mlflow,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  });
  const runs = await findTrainingRuns(client, await listExperiments(client), training.id);
  const histories = await Promise.all(
    runs.map(({ info }) =>
      client.get(
        'api/2.0/mlflow/metrics/get-history',
        { run_id: info.run_id, metric_key: 'trained' },
        z.object({ metrics: z.array(z.looseObject({})).default([]) }),
      ),
    ),
  );
  return {
    status: training.status,
    attempts: training.attempts.map(({ status }) => status),
    adopted: training.adopted_attempt,
    mlflow_runs: runs.map(({ info }) => info.status),
    trained: histories.reduce((sum, { metrics }) => sum + metrics.length, 0),
    alive: await aliveOf(training, trainer, airflow),
  };
}

/** In whatever state. */
export async function containersOf(training: string): Promise<readonly string[]> {
  const filter = `label=watchtower.training_id=${training}`;
  const { stdout } = await run('docker', ['ps', '--all', '--filter', filter, '--format', '{{.Names}}']);
  return stdout.split('\n').filter(Boolean);
}

async function aliveOf(
  { id, mlflow_run_id }: { readonly id: string; readonly mlflow_run_id: string | null },
  trainer: KilledTrainer,
  airflow?: AirflowServer,
): Promise<readonly string[]> {
  // With their environments: a training's names its request's file, or its MLflow run.
  const processes = await run('ps', ['axeww', '-o', 'pid=,command='], { maxBuffer: 2 ** 26 });
  const ours = processes.stdout
    .split('\n')
    .filter((line) => line.includes(id) || (mlflow_run_id !== null && line.includes(mlflow_run_id)));
  const dagRuns = (await airflow?.dagRuns(id)) ?? [];
  return [
    ...(trainer === 'docker' ? await containersOf(id) : []),
    ...ours.map((line) => line.slice(0, 200)),
    ...dagRuns.filter(({ state }) => state === 'queued' || state === 'running').map((it) => it.dag_run_id),
  ];
}

/** Where an attempt's start stands still: its row is not written yet; it runs, and its row does not say so yet. */
export type Gate = 'before the trigger' | 'right after it';

/** Lets chosen trainings come to a gate and no further, until it is opened. */
export interface Gates {
  readonly shut: (runId: RunId, gate: Gate) => Promise<void>;
  /** Waits until so many stand before shut gates. */
  readonly reached: (count: number) => Promise<void>;
  /** Opens all, and is done. */
  readonly open: () => Promise<void>;
}

/** Of PostgreSQL's advisory locks: shutting a gate takes its lock, and who passes needs a share of it. */
const lockClass = 7_305;
const install = `
  CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(${lockClass}, hashtext(TG_ARGV[0] || NEW.training_id));
    RETURN NEW;
  END $$;
  CREATE TRIGGER gate_before BEFORE INSERT ON training_attempts FOR EACH ROW
    EXECUTE FUNCTION wait_at_gate('before the trigger');
  CREATE TRIGGER gate_after BEFORE UPDATE ON training_attempts FOR EACH ROW
    WHEN (OLD.status = 'starting' AND NEW.status = 'running') EXECUTE FUNCTION wait_at_gate('right after it')`;

export async function installGates(databaseUrl: string): Promise<Gates> {
  const installer = new Client({ connectionString: databaseUrl });
  await installer.connect();
  await installer.query(install);
  await installer.end();
  const keeper = new Client({ connectionString: databaseUrl });
  await keeper.connect();
  let opened: Promise<void> | undefined;
  return {
    shut: async (runId, gate) => {
      const name = `${gate}${trainingIdOf(runId)}`;
      await keeper.query('SELECT pg_advisory_lock($1, hashtext($2))', [lockClass, name]);
    },
    reached: async (count) => {
      const deadline = Date.now() + 180_000;
      for (;;) {
        const { rows } = await keeper.query<{ waiting: string }>(
          `SELECT count(*) AS waiting FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND NOT granted`,
          [lockClass],
        );
        if (Number(rows[0]?.waiting) === count) return;
        if (Date.now() > deadline) throw new Error(`Not all of ${count} trainings came to their gates.`);
        await sleep(50);
      }
    },
    open: async () => {
      opened ??= keeper.end();
      await opened;
    },
  };
}
