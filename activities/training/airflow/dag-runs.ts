import { WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import type { AirflowClient } from './airflow-client.ts';

/** What is read of Airflow's answers, alike in 2.x and 3.x but for the log. */

const dag = z.object({
  is_paused: z.boolean().nullish(),
  has_import_errors: z.boolean().nullish(),
});

const moment = z
  .string()
  .nullish()
  .transform((text) => (text ? Date.parse(text) : null));

export const dagRun = z.object({
  dag_run_id: z.string(),
  state: z.string(),
  start_date: moment,
  end_date: moment,
  conf: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((found) => found ?? {}),
});
export type DagRun = z.infer<typeof dagRun>;

export const isOver = ({ state }: DagRun): boolean => state === 'success' || state === 'failed';

const health = z.object({
  scheduler: z.object({
    status: z.string().nullish(),
    latest_scheduler_heartbeat: z.string().nullish(),
  }),
});

const taskInstance = z.object({
  task_id: z.string(),
  state: z.string().nullish(),
  try_number: z.int().default(0),
  map_index: z.int().default(-1),
});
export type TaskInstance = z.infer<typeof taskInstance>;

/** What was raised, and where, as 3.x logs it: the exception itself first, what it came from after it. */
const raised = z.object({
  exc_type: z.string(),
  exc_value: z.string(),
  frames: z.array(z.object({ filename: z.string(), lineno: z.number(), name: z.string() })).default([]),
});

const logEvent = z.object({ event: z.string(), error_detail: z.array(raised).nullish().catch(null) });

/** 3.x: a list of events or lines; 2.x: one text, or the written form of a list of hosts and texts. */
const taskLog = z.object({
  content: z.union([z.string(), z.array(z.union([z.string(), logEvent]))]),
});

const part = encodeURIComponent;
const runsOf = (dagId: string) => `dags/${part(dagId)}/dagRuns`;

/** @throws WatchtowerError `DagUnknown`, `DagPaused` */
export async function assertDagStarts(client: AirflowClient, dagId: string): Promise<void> {
  const { body } = await client.ask({ path: `dags/${part(dagId)}`, shape: dag, expected: [404] });
  if (body === null) {
    throw new WatchtowerError(
      'DagUnknown',
      `Airflow has no DAG "${dagId}". Put it into the DAG folder (infra/airflow has one), or correct RETRAIN_DAG_ID.`,
    );
  }
  if (body.has_import_errors === true) {
    throw new WatchtowerError(
      'DagPaused',
      `The DAG "${dagId}" has an import error and would not start. Airflow's own page shows it.`,
    );
  }
  if (body.is_paused === true) {
    throw new WatchtowerError(
      'DagPaused',
      `The DAG "${dagId}" is paused: a run of it would wait for ever. Unpause it in Airflow, then start another run.`,
    );
  }
}

/** Why nothing would be scheduled now; null where it would. */
export async function schedulerProblem(client: AirflowClient): Promise<string | null> {
  const path = (await client.version()) === 'v2' ? 'monitor/health' : 'health';
  const { body } = await client.ask({ path, shape: health });
  const scheduler = body?.scheduler;
  if (scheduler?.status === 'healthy') return null;
  const since = scheduler?.latest_scheduler_heartbeat ?? 'it began';
  return `Airflow's scheduler is down (no heartbeat since ${since})`;
}

/** Why a run that was triggered is not let begin, as far as Airflow tells. */
export async function reasonToWait(client: AirflowClient, dagId: string): Promise<string | null> {
  const problem = await schedulerProblem(client);
  if (problem !== null) return problem;
  const { body } = await client.ask({ path: `dags/${part(dagId)}`, shape: dag, expected: [404] });
  return body?.is_paused === true ? `The DAG "${dagId}" was paused: unpause it in Airflow` : null;
}

/** @returns false where there is a run of this id already */
export async function triggerRun(
  client: AirflowClient,
  dagId: string,
  runId: string,
  conf: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  // 3.x refuses a body without it, 2.x takes it for a date.
  const logical = (await client.version()) === 'v2' ? { logical_date: null } : {};
  const { status } = await client.ask({
    method: 'POST',
    path: runsOf(dagId),
    body: { dag_run_id: runId, conf, ...logical },
    shape: dagRun,
    expected: [409],
  });
  return status !== 409;
}

/** Null where there is none. */
export async function readDagRun(
  client: AirflowClient,
  dagId: string,
  runId: string,
): Promise<DagRun | null> {
  const { body } = await client.ask({
    path: `${runsOf(dagId)}/${part(runId)}`,
    shape: dagRun,
    expected: [404],
  });
  return body;
}

/** Ends a run and its tasks; one that is not there needs no end. */
export async function failDagRun(client: AirflowClient, dagId: string, runId: string): Promise<void> {
  await client.ask({
    method: 'PATCH',
    path: `${runsOf(dagId)}/${part(runId)}`,
    body: { state: 'failed' },
    shape: z.unknown(),
    expected: [404],
  });
}

/** At most a hundred. */
export async function listTasks(
  client: AirflowClient,
  dagId: string,
  runId: string,
): Promise<readonly TaskInstance[]> {
  const { body } = await client.ask({
    path: `${runsOf(dagId)}/${part(runId)}/taskInstances?limit=100`,
    shape: z.object({ task_instances: z.array(taskInstance) }),
    expected: [404],
  });
  return body?.task_instances ?? [];
}

/** Why a log can't be read is a text for people. */
export type TaskLog = { readonly text: string } | { readonly unreadable: string };

/**
 * The log of a task's latest try; empty where the task never began. Airflow may have to fetch it from a worker or a store
 * that is gone, or it may be too large to be read: that says nothing of the training, and fails nothing.
 */
export async function readTaskLog(
  client: AirflowClient,
  dagId: string,
  runId: string,
  task: TaskInstance,
): Promise<TaskLog> {
  if (task.try_number < 1) return { text: '' };
  const mapped = task.map_index >= 0 ? `&map_index=${task.map_index}` : '';
  const path = `${runsOf(dagId)}/${part(runId)}/taskInstances/${part(task.task_id)}/logs/${task.try_number}?full_content=true${mapped}`;
  try {
    const { body } = await client.ask({ path, shape: taskLog });
    return { text: body === null ? '' : textOf(body) };
  } catch (error) {
    if (error instanceof WatchtowerError) return { unreadable: error.message };
    throw error;
  }
}

const textOf = ({ content }: z.output<typeof taskLog>): string =>
  typeof content === 'string'
    ? plainLog(content)
    : content.flatMap((line) => (typeof line === 'string' ? line : linesOf(line))).join('\n');

/** Without the marks that fold parts of it on Airflow's page; what was raised comes as Python would write it. */
function linesOf({ event, error_detail }: z.output<typeof logEvent>): readonly string[] {
  if (/^::(end)?group::/.test(event)) return [];
  const causesFirst = [...(error_detail ?? [])].reverse();
  return [
    event,
    ...causesFirst.flatMap(({ exc_type, exc_value, frames }) => [
      ...frames.map(({ filename, lineno, name }) => `  File "${filename}", line ${lineno}, in ${name}`),
      `${exc_type}: ${exc_value}`,
    ]),
  ];
}

/** A part of what 2.x writes: `('host', 'text')`, each as Python would write the value. */
const hostAndText = /\((?:'[^']*'|"[^"]*"), (?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\)/gs;

/** 2.x writes a list of hosts and texts; what is not of that form is a text already. */
function plainLog(content: string): string {
  if (!content.startsWith('[(')) return content;
  const texts = [...content.matchAll(hostAndText)].map(([, single, double]) => single ?? double ?? '');
  const lines = texts.flatMap((text) => unescaped(text).split('\n'));
  return lines.filter((line) => !/::(end)?group::/.test(line)).join('\n');
}

const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** What Python's `repr` made of a text, undone. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs, (_, x, u, long, other) => {
    const code: string | undefined = x ?? u ?? long;
    return code === undefined ? (named[other] ?? other) : String.fromCodePoint(Number.parseInt(code, 16));
  });
