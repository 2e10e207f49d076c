import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  definitionInput,
  type ModelDefinition,
  parseEnvironment,
  resolveDefinition,
  trainingIdOf,
  trainingRequest,
} from '@watchtower/contracts';
import { z } from 'zod';
import { memoryLedger } from '../memory-ledger.ts';
import type { AttemptEnd, AttemptWatch } from '../trainer.ts';
import { createAirflowClient } from './airflow-client.ts';
import { type AirflowContext, dagRunIdOf } from './airflow-handle.ts';
import { observeAttempt } from './observe-attempt.ts';
import { startAttempt } from './start-attempt.ts';
import { stopTraining } from './stop-training.ts';
import { startWireAirflow, type WireAirflow } from './wire-airflow.ts';

const training_id = trainingIdOf('0198f3c2-0000-7000-8000-000000000001');
const key = { training_id, attempt: 1 };
const dagRunId = dagRunIdOf(key);
const dag = 'ml_retrain_pipeline';

const request = trainingRequest.parse({
  training_id,
  model: 'tiny',
  registered_model: 'tiny',
  mlflow_run_id: 'run-1',
  mlflow_tracking_uri: 'http://127.0.0.1:5000',
  strategy: 'full_retrain',
  feature_subset: null,
  class_weights: { 1: 2 },
  seed: 1,
  notes: '',
  hyperparameters: { depth: 3 },
  target: 'y',
  time_column: 'time',
  data_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
  data_path: null,
});

function definitionOf(retrain: Record<string, unknown> = {}): ModelDefinition {
  const input = definitionInput.parse({
    version: 1,
    model: 'tiny',
    data: { source: { type: 'synthetic' }, time_column: 'time', target: 'y' },
    windows: {
      reference: { from: '2026-01-01', to: '2026-02-01' },
      current: { from: '2026-02-01', to: '2026-03-01' },
    },
    retrain: { trainer: 'airflow', ...retrain },
    evaluate: { primary_metric: 'roc_auc' },
  });
  return resolveDefinition(input, { task: 'binary_classification', shareThreshold: 0.2, minImprovement: 0 });
}

let workspace = '';
beforeEach(async () => {
  workspace = await mkdtemp(path.join(os.tmpdir(), 'watchtower-airflow-'));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

function contextFor(url: string, variables: Record<string, string> = {}) {
  const environment = parseEnvironment({
    WORKSPACE_BASE_DIR: workspace,
    AIRFLOW_API_URL: url,
    AIRFLOW_USERNAME: 'watch',
    AIRFLOW_PASSWORD: 'tower-password',
    ...variables,
  });
  const ledger = memoryLedger();
  return {
    client: createAirflowClient(environment, { limitMs: 2_000, limitBytes: 1024 ** 2 }),
    ledger,
    environment,
  };
}

const start = (context: AirflowContext, attempt = 1) =>
  startAttempt(context, { definition: definitionOf(), request, attempt });

function observe(
  context: AirflowContext,
  { definition = definitionOf(), ...watch }: Partial<AttemptWatch> & { definition?: ModelDefinition } = {},
  clock: () => number = Date.now,
): Promise<AttemptEnd> {
  const quiet: AttemptWatch = { beat: () => undefined, pause: () => sleep(5), earlier: undefined };
  return observeAttempt(context, key, definition, { ...quiet, ...watch }, { clock, lookEveryMs: 1_000 });
}

const logOf = ({ log_file }: AttemptEnd) => (log_file === null ? '' : readFile(log_file, 'utf8'));
const triggers = ({ requests }: WireAirflow) =>
  requests.filter((line) => line.startsWith('POST') && line.endsWith('/dagRuns')).length;

describe.each(['v1', 'v2'] as const)('a training in Airflow, as its interface %s speaks', (version) => {
  let airflow: WireAirflow;
  let context: ReturnType<typeof contextFor>;
  beforeEach(async () => {
    airflow = await startWireAirflow(version, version === 'v1' ? '/airflow' : '');
    context = contextFor(airflow.url);
  });
  afterEach(() => airflow.close());

  const run = () => {
    const found = airflow.runs.get(dagRunId);
    if (!found) throw new Error('there is no DAG run');
    return found;
  };

  it('is one DAG run under an id of ours, with the request as its conf', async () => {
    expect(await start(context)).toMatchObject({ trainer: 'airflow', dag_id: dag, dag_run_id: dagRunId });
    expect(run()).toMatchObject({ state: 'queued', conf: request });
    await start(context);
    await start(context);
    expect(triggers(airflow)).toBe(1);
  });

  it('is adopted where the answer to its trigger was lost', async () => {
    airflow.faults.push({ path: /dagRuns$/, method: 'POST', answer: 'cut' });
    await expect(start(context)).rejects.toMatchObject({ code: 'TrainerUnavailable' });
    expect(await start(context)).toMatchObject({ dag_run_id: dagRunId });
    expect(airflow.runs.size).toBe(1);
    expect(triggers(airflow)).toBe(1);
  });

  it('is adopted by the slower of two that trigger at once', async () => {
    const handles = await Promise.all([start(context), start(context), start(context)]);
    expect(new Set(handles.map((handle) => JSON.stringify(handle))).size).toBe(1);
    expect(airflow.runs.size).toBe(1);
  });

  it('is not adopted where its id has another conf', async () => {
    airflow.runs.set(dagRunId, { dag_run_id: dagRunId, state: 'queued', conf: { ...request, seed: 2 } });
    await expect(start(context)).rejects.toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringContaining(dagRunId),
    });
  });

  it('shows its tasks as progress, and ends with their logs', async () => {
    await start(context);
    const beats: unknown[] = [];
    const task = { task_id: 'fit', try_number: 1, map_index: -1 };
    const stages = [
      () => undefined,
      () => {
        run().state = 'running';
        airflow.tasks = [{ ...task, state: 'running' }];
        airflow.log = 'epoch 1\nepoch 2';
      },
      () => {
        run().state = 'success';
        airflow.tasks = [{ ...task, state: 'success' }];
      },
    ];
    const result = await observe(context, {
      beat: (beat) => {
        beats.push(beat);
      },
      pause: async () => {
        stages.shift()?.();
      },
    });
    expect(beats).toContainEqual(expect.objectContaining({ last_line: 'epoch 2' }));
    expect(result).toMatchObject({
      attempt: 1,
      status: 'succeeded',
      failure_code: null,
      exit_code: null,
      seconds: 7.5,
      log_tail: '[task fit, success]\nepoch 1\nepoch 2\n',
    });
    expect(await logOf(result)).toBe(result.log_tail);
  });

  it('that fails ends with the log of the task that failed', async () => {
    await start(context);
    run().state = 'failed';
    airflow.tasks = [
      { task_id: 'fit', state: 'failed', try_number: 2, map_index: -1 },
      { task_id: 'never', state: 'upstream_failed', try_number: 0, map_index: -1 },
    ];
    airflow.log = 'no such column';
    expect(await observe(context)).toMatchObject({
      status: 'failed',
      failure_code: 'TrainingFailed',
      log_tail: '[task fit, failed]\nno such column\n',
    });
  });

  it('that somebody deleted is lost', async () => {
    await start(context);
    airflow.runs.clear();
    expect(await observe(context)).toMatchObject({ status: 'lost', failure_code: null });
  });

  it('without progress is stopped as stuck, and one that waits for the scheduler is not', async () => {
    const definition = definitionOf({ stuck_after: '10s' });
    let now = Date.now();
    const clock = () => {
      now += 1_000;
      return now;
    };
    await start(context);
    run().state = 'running';
    airflow.scheduler = 'unhealthy';
    let looks = 0;
    const beats: unknown[] = [];
    const result = await observe(
      context,
      {
        definition,
        beat: (beat) => {
          beats.push(beat);
        },
        pause: async () => {
          looks += 1;
          if (looks === 30) expect(run().state).toBe('running');
          if (looks === 30) airflow.scheduler = 'healthy';
        },
      },
      clock,
    );
    expect(beats[20]).toMatchObject({ last_line: expect.stringContaining('scheduler is down') });
    expect(looks).toBeGreaterThan(35);
    expect(result).toMatchObject({ status: 'failed', failure_code: 'TrainingStuck' });
    expect(run().state).toBe('failed');
  });

  it('that is queued behind other runs is not stuck, but its time is limited', async () => {
    const definition = definitionOf({ stuck_after: '2s', timeout: '6s' });
    let now = Date.now();
    const clock = () => {
      now += 1_000;
      return now;
    };
    await start(context);
    airflow.dags.set(dag, { is_paused: true, has_import_errors: false });
    const lines = new Set<unknown>();
    const beat = (progress: unknown) => {
      lines.add(z.object({ last_line: z.string() }).parse(progress).last_line);
    };
    expect(await observe(context, { definition, beat }, clock)).toMatchObject({
      status: 'failed',
      failure_code: 'TrainingTimedOut',
      log_tail: expect.stringContaining('never began'),
    });
    expect([...lines]).toEqual([expect.stringContaining('was paused')]);
  });

  it('is neither stuck nor ended by a log that can’t be read', async () => {
    await start(context);
    run().state = 'running';
    airflow.tasks = [{ task_id: 'fit', state: 'running', try_number: 1, map_index: -1 }];
    airflow.faults.push(...Array.from({ length: 7 }, () => ({ path: /logs/, answer: 504 }) as const));
    let now = Date.now();
    let looks = 0;
    const result = await observe(
      context,
      {
        definition: definitionOf({ stuck_after: '2s' }),
        pause: async () => {
          looks += 1;
          if (looks < 6) return;
          run().state = 'success';
          airflow.faults.length = 0;
          airflow.log = 'x'.repeat(1024 ** 2);
        },
      },
      () => {
        now += 1_000;
        return now;
      },
    );
    expect(result).toMatchObject({
      status: 'succeeded',
      log_tail: expect.stringMatching(/^\[task fit, running\]\n\[watchtower: no log: .*more than 1 MiB/),
    });
  });

  it('is not lost because a proxy knows nothing of its Airflow for a while', async () => {
    await start(context);
    airflow.faults.push({ path: /dagRuns/, answer: 'unknown host' });
    await expect(observe(context)).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining('404, and not as Airflow would'),
    });
    run().state = 'success';
    expect(await observe(context)).toMatchObject({ status: 'succeeded' });
  });

  it('that goes on though it was ended is not taken for stopped', async () => {
    await start(context);
    airflow.deaf = true;
    await expect(stopTraining(context, training_id, { pauseMs: 1, looks: 3 })).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining(dagRunId),
    });
    airflow.deaf = false;
    expect(await stopTraining(context, training_id, { pauseMs: 1 })).toBe(1);
  });

  it('is stopped with all its tasks, and does not begin again', async () => {
    await start(context);
    run().state = 'running';
    context.ledger.stop(training_id);
    expect(await stopTraining(context, training_id, { pauseMs: 1 })).toBe(1);
    expect(run().state).toBe('failed');
    expect(await stopTraining(context, training_id)).toBe(0);
    expect(await observe(context)).toMatchObject({ status: 'cancelled', failure_code: 'TrainingCancelled' });
    expect(await start(context, 2)).toBeNull();
    expect(airflow.runs.size).toBe(1);
  });

  it('that was stopped while its trigger was on the way is ended by whoever triggered it', async () => {
    const late = {
      ...context,
      ledger: {
        ...context.ledger,
        mayBegin: async (attempt: typeof key) => {
          const before = await context.ledger.mayBegin(attempt);
          context.ledger.stop(training_id);
          return before;
        },
      },
    };
    expect(await start(late)).toBeNull();
    expect(run().state).toBe('failed');
  });

  it('waits for an earlier attempt that still runs', async () => {
    await start(context);
    run().state = 'running';
    await expect(start(context, 2)).rejects.toMatchObject({ code: 'TrainerNotStarted' });
    run().state = 'failed';
    expect(await start(context, 2)).toMatchObject({ dag_run_id: dagRunIdOf({ training_id, attempt: 2 }) });
  });

  it('is not judged from an Airflow that it is not in', async () => {
    await start(context);
    const elsewhere = contextFor('http://127.0.0.1:9');
    await expect(observe({ ...elsewhere, ledger: context.ledger })).rejects.toMatchObject({
      code: 'TrainerUnavailable',
      message: expect.stringContaining(airflow.url),
    });
  });

  it.each([
    ['an unknown DAG', () => airflow.dags.clear(), 'DagUnknown', /ml_retrain_pipeline/],
    [
      'a paused DAG',
      () => airflow.dags.set(dag, { is_paused: true, has_import_errors: false }),
      'DagPaused',
      /paused/,
    ],
    [
      'a DAG with an import error',
      () => airflow.dags.set(dag, { is_paused: false, has_import_errors: true }),
      'DagPaused',
      /import error/,
    ],
    [
      'a scheduler that is down',
      () => {
        airflow.scheduler = 'unhealthy';
      },
      'TrainerUnavailable',
      /scheduler is down/,
    ],
    [
      'a server error',
      () => airflow.faults.push({ path: /dagRuns$/, answer: 503 }),
      'TrainerUnavailable',
      /503/,
    ],
    [
      'too many requests',
      () => airflow.faults.push({ path: /dagRuns$/, answer: 429 }),
      'TrainerUnavailable',
      /429/,
    ],
    [
      'a refusal',
      () => airflow.faults.push({ path: /dagRuns$/, answer: 403 }),
      'TrainerRejected',
      /403 .*AIRFLOW_USERNAME/,
    ],
    [
      'an answer that is no Airflow’s',
      () => airflow.faults.push({ path: /dagRuns$/, method: 'POST', answer: 'html' }),
      'TrainerRejected',
      /AIRFLOW_API_URL/,
    ],
  ] as const)('%s is named, and nothing is triggered twice', async (_, arrange, code, message) => {
    arrange();
    const refused = await start(context).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(JSON.stringify(refused)).not.toContain('tower-password');
    expect(airflow.runs.size).toBeLessThanOrEqual(1);
  });

  it('credentials that are wrong are named and not repeated', async () => {
    const wrong = contextFor(airflow.url, { AIRFLOW_PASSWORD: 'another-password' });
    const refused = await start(wrong).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'TrainerRejected' });
    expect(String(refused)).not.toContain('another-password');
  });
});

describe('an Airflow', () => {
  it('whose token has expired is asked for a fresh one, once', async () => {
    const airflow = await startWireAirflow('v2');
    const context = contextFor(airflow.url);
    await start(context);
    airflow.expireTokens();
    await start(context);
    expect(airflow.requests.filter((line) => line === 'POST /auth/token')).toHaveLength(2);
    await airflow.close();
  });

  it('that was upgraded to another interface keeps its runs', async () => {
    const airflow = await startWireAirflow('v1');
    const context = contextFor(airflow.url);
    await start(context);
    airflow.version = 'v2';
    airflow.runs.set(dagRunId, { dag_run_id: dagRunId, state: 'success', conf: request });
    expect(await observe(context)).toMatchObject({ status: 'succeeded' });
    await airflow.close();
  });

  it('that echoes a password in its error has it kept out of ours', async () => {
    const airflow = await startWireAirflow('v2');
    airflow.faults.push({ path: /token$/, answer: 'echo' });
    const refused = await start(contextFor(airflow.url)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'TrainerUnavailable', message: expect.stringContaining('500') });
    expect(String(refused)).not.toContain('tower-password');
    await airflow.close();
  });

  it('that is not there, or is something else, is told apart', async () => {
    await expect(start(contextFor('http://127.0.0.1:9'))).rejects.toMatchObject({
      code: 'TrainerUnavailable',
    });
    const airflow = await startWireAirflow('v2', '/behind');
    const root = airflow.url.replace('/behind', '');
    await expect(start(contextFor(root))).rejects.toMatchObject({
      code: 'TrainerRejected',
      message: expect.stringContaining('AIRFLOW_API_URL'),
    });
    await airflow.close();
  });
});
