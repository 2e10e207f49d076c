import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { stepFromRow } from '@watchtower/activities/audit/step-row';
import { createMlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import {
  createVersion,
  ensureRegisteredModel,
  readAlias,
  setAlias,
} from '@watchtower/activities/mlflow/registry';
import {
  isTerminal,
  type JsonObject,
  type RunDetail,
  type RunId,
  runDetail,
  runId,
  runStatus,
  type Step,
  workflowIds,
} from '@watchtower/contracts';
import { createDatabase, type Database } from '@watchtower/database';
import { Pool } from 'pg';
import { z } from 'zod';
import { trainChampion } from './seed-champion.ts';
import type { ServiceProcess } from './service-process.ts';
import { connectStack, type StackConnection } from './stack-connection.ts';

/** What trains here: the synthetic example's work with a model that loads in half the time. */
const trainer = join(import.meta.dirname, 'trainer');

/** A model on the shared servers with a worker and a gateway of the test file's own. */
export interface Lab {
  readonly stack: StackConnection;
  readonly database: Database;
  readonly temporal: TemporalClient;
  readonly model: string;
  /** What worker and gateway find in their environment beside the usual. */
  readonly variables: Readonly<Record<string, string>>;
  worker: ServiceProcess;
  gateway: ServiceProcess & { readonly url: string };
  /** JSON in, JSON out; the status is beside it. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Stores the synthetic model's definition, changed where the test says so; under another name for a second model. */
  apply(changes?: DefinitionChanges, name?: string): Promise<void>;
  /** Trains and registers the first champion of the definition applied last. */
  seedChampion(): Promise<void>;
  startRun(body?: JsonObject): Promise<RunId>;
  detail(run: RunId): Promise<RunDetail>;
  until(run: RunId, reached: (run: RunDetail) => boolean, withinMs?: number): Promise<RunDetail>;
  ended(run: RunId, withinMs?: number): Promise<RunDetail>;
  /** Waits until a step of this name is written. */
  step(run: RunId, name: string, withinMs?: number): Promise<Step>;
  steps(run: RunId): Promise<Step[]>;
  decide(run: RunId, decision: 'approve' | 'reject', digest?: string): Promise<Answer>;
  championVersion(name?: string): Promise<string | null>;
  /** Makes the seeded champion that of a second model, too. */
  shareChampion(name: string): Promise<void>;
  /** Sets the alias back to the seeded version, so that the next challenger has something to beat. */
  resetChampion(): Promise<void>;
  restartWorker(): Promise<void>;
  /** Sets the run's pipeline back to its first task, as an operator does in the Temporal UI. */
  resetPipeline(run: RunId): Promise<void>;
  /** Waits until a pipeline that was reset has found what its earlier execution began, and waits for that. */
  awaitsEarlier(run: RunId): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

/** Sections of the definition to lay over the synthetic model's. */
export type DefinitionChanges = Readonly<Record<string, JsonObject>>;

/** @param variablesOf what this file's worker and gateway find in their environment beside the usual */
export async function openLab(
  model: string,
  variablesOf: (stack: StackConnection) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<Lab> {
  const stack = await connectStack();
  const variables = await variablesOf(stack);
  const [worker, gateway] = await Promise.all([stack.startWorker(variables), stack.startGateway(variables)]);
  const database = createDatabase(stack.databaseUrl);
  const looks = new Pool({ connectionString: stack.databaseUrl, max: 1 });
  // A connection that an outage of the test's own ends is made again at the next look.
  looks.on('error', () => undefined);
  const connection = await Connection.connect({ address: stack.temporal });
  const temporal = new TemporalClient({ connection, namespace: stack.namespace });
  const mlflow = createMlflowClient({
    MLFLOW_TRACKING_URI: stack.mlflow,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  });
  // Asked many times a second, of many runs: Prisma would spend ten times as much on each question.
  const look = async (run: RunId, step = '') => {
    const { rows } = await looks.query(
      `SELECT status, (SELECT count(*)::int FROM steps WHERE run_id = runs.id) AS written,
              EXISTS (SELECT FROM steps WHERE run_id = runs.id AND name = $2) AS found
       FROM runs WHERE id = $1`,
      [run, step],
    );
    return z.tuple([looked]).parse(rows)[0];
  };
  let definition = syntheticDefinition(model, {});

  const lab: Lab = {
    stack,
    database,
    temporal,
    model,
    variables,
    worker,
    gateway,
    async request(method, path, body, headers = {}) {
      const response = await fetch(`${lab.gateway.url}${path}`, {
        method,
        headers: {
          'x-api-key': stack.apiKey,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as JsonObject };
    },
    async apply(changes = {}, name = model) {
      const applied = syntheticDefinition(name, changes);
      if (name === model) definition = applied;
      const { status, body } = await lab.request('POST', '/api/v1/models', { definition: applied });
      if (status >= 300) throw new Error(`The definition was refused: ${JSON.stringify(body)}`);
    },
    seedChampion: () => trainChampion(stack, mlflow, definition),
    async startRun(body = {}) {
      const answer = await lab.request('POST', '/pipeline/run', { model, ...body });
      if (answer.status !== 202) throw new Error(`The run was refused: ${JSON.stringify(answer.body)}`);
      return runId.parse(answer.body.run_id);
    },
    async detail(run) {
      return runDetail.parse((await lab.request('GET', `/pipeline/status/${run}`)).body);
    },
    async until(run, reached, withinMs = 120_000) {
      const deadline = Date.now() + withinMs;
      // A detail costs questions to Temporal. It is asked for where the run's rows have changed, else now and then:
      // what is waited on changes without them.
      let seen = '';
      for (let turn = 0; ; turn += 1) {
        const { status, written } = await look(run);
        if (`${status} ${written}` !== seen || turn % 5 === 0) {
          seen = `${status} ${written}`;
          const detail = await lab.detail(run);
          if (reached(detail)) return detail;
          if (Date.now() > deadline) throw new Error(await storyOf(lab, run, detail));
        }
        await sleep(200);
      }
    },
    async ended(run, withinMs = 120_000) {
      const deadline = Date.now() + withinMs;
      // Asked of the row alone: a detail costs a question to Temporal, and many runs may be waited for at once.
      while (Date.now() < deadline) {
        if (isTerminal((await look(run)).status)) return lab.detail(run);
        await sleep(200);
      }
      throw new Error(await storyOf(lab, run, await lab.detail(run)));
    },
    async step(run, name, withinMs = 120_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        if ((await look(run, name)).found)
          return stepFromRow(await database.step.findFirstOrThrow({ where: { run_id: run, name } }));
        if (Date.now() > deadline) throw new Error(await storyOf(lab, run, await lab.detail(run)));
        await sleep(50);
      }
    },
    async steps(run) {
      const rows = await database.step.findMany({ where: { run_id: run }, orderBy: { number: 'asc' } });
      return rows.map(stepFromRow);
    },
    async decide(run, decision, digest) {
      const evidence_digest = digest ?? (await lab.detail(run)).approval?.evidence_digest;
      const body = { decision, reason: 'The tests say so.', evidence_digest };
      const send = () => lab.request('POST', `/pipeline/${run}/decision`, body);
      let answer = await send();
      // No worker answered in time: the same request is the same decision, and gets its answer.
      for (let again = 0; answer.status === 202 && again < 5; again += 1) answer = await send();
      return answer;
    },
    championVersion: async (name = model) => (await readAlias(mlflow, name, 'champion'))?.version ?? null,
    async shareChampion(name) {
      const champion = await readAlias(mlflow, model, 'champion');
      if (!champion?.run_id) throw new Error(`${model} has no champion to share.`);
      const { source, run_id } = champion;
      const tags = Object.fromEntries(champion.tags.map(({ key, value }) => [key, value]));
      await ensureRegisteredModel(mlflow, name);
      const { version } = await createVersion(mlflow, { name, source, run_id, tags });
      await setAlias(mlflow, name, 'champion', version);
    },
    resetChampion: () => setAlias(mlflow, model, 'champion', '1'),
    async restartWorker() {
      lab.worker = await stack.startWorker(variables);
    },
    async resetPipeline(run) {
      const { events } = await temporal.workflow.getHandle(workflowIds.pipeline(run)).fetchHistory();
      const first = events?.find((event) => event.workflowTaskCompletedEventAttributes);
      await temporal.workflowService.resetWorkflowExecution({
        namespace: stack.namespace,
        workflowExecution: { workflowId: workflowIds.pipeline(run) },
        requestId: crypto.randomUUID(),
        reason: 'an operator pressed the button',
        workflowTaskFinishEventId: first?.eventId ?? null,
      });
    },
    async awaitsEarlier(run) {
      await lab.until(run, ({ waiting_on }) =>
        Boolean(waiting_on?.some(({ activity }) => activity === 'awaitWorkflow')),
      );
    },
    async close() {
      await Promise.all([database.$disconnect(), looks.end(), connection.close()]);
      await stack.close();
    },
  };
  return lab;
}

/** What a look at a run's rows tells: of its steps, how many there are and whether one is called so. */
const looked = z.object({ status: runStatus, written: z.number(), found: z.boolean() });

/** `examples/synthetic/watchtower.yaml` as a value, with a name, rows and a trainer of the tests' own. */
export function syntheticDefinition(model: string, changes: DefinitionChanges): JsonObject {
  const section = (name: string, value: JsonObject): JsonObject => ({ ...value, ...changes[name] });
  return {
    version: 1,
    model,
    base_dir: trainer,
    task: 'binary_classification',
    data: section('data', {
      source: { type: 'synthetic', seed: 7, rows_per_day: 100, shift_at: '2026-03-01', shift: 1 },
      time_column: 'time',
      target: 'y',
    }),
    windows: section('windows', {
      reference: { from: '2026-01-01', to: '2026-03-01' },
      current: { from: '2026-03-01', to: '2026-05-01' },
      // The same rows as the reference: nothing has moved.
      calm: { from: '2026-02-01', to: '2026-03-01' },
    }),
    retrain: section('retrain', {
      command: ['{python}', 'train.py'],
      timeout: '5m',
      stuck_after: '1m',
      cool_down: '0s',
    }),
    evaluate: section('evaluate', { primary_metric: 'roc_auc', split: { at: '2026-04-15' } }),
    approval: section('approval', { required: 'always' }),
    ...(changes.schedule && { schedule: changes.schedule }),
    ...(changes.reasoner && { reasoner: changes.reasoner }),
  };
}

/** For a test that waited in vain: what the run has done. */
async function storyOf(lab: Lab, run: RunId, detail: RunDetail): Promise<string> {
  const steps = (await lab.steps(run)).map(
    (step) => `  ${step.number} ${step.kind} ${step.name}: ${step.message}`,
  );
  const waiting = JSON.stringify(detail.waiting_on);
  const log = lab.worker.output().split('\n').slice(-15).join('\n');
  return `Run ${run} is ${detail.status}, waiting on ${waiting}:\n${steps.join('\n')}\n${log}`;
}
