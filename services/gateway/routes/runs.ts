import { stepFromRow } from '@watchtower/activities/audit/step-row';
import { mlflowRunPage } from '@watchtower/activities/mlflow/links';
import {
  historyPage,
  historyQuery,
  isTerminal,
  type RunDetail,
  runAccepted,
  runDetail,
  runRequest,
} from '@watchtower/contracts';
import { endpoint, noBody, nothing } from '../endpoint.ts';
import { runNotFound } from '../find-run.ts';
import { idempotencyKeyOf } from '../idempotency-key.ts';
import { orderRun } from '../order-run.ts';
import { runFromRow } from '../run-view.ts';
import { waitingOn } from '../waiting-on.ts';
import { idempotencyKeyHeader, runParams } from './parameters.ts';

const startRun = endpoint({
  method: 'post',
  path: '/pipeline/run',
  atRoot: true,
  scope: 'run',
  tag: 'Runs',
  summary: 'Start a run',
  description: 'An empty body starts a run of the default model on its window "current".',
  headers: idempotencyKeyHeader,
  params: nothing,
  unknown: 'NotFound',
  query: nothing,
  body: runRequest.prefault({}),
  answers: { 202: { description: 'The run will happen.', schema: runAccepted } },
  failures: ['UnknownModel', 'UnknownWindow', 'IdempotencyConflict'],
  async answer(context, call) {
    const { body: request, caller } = call;
    const body = await orderRun(context, { request, caller, idempotencyKey: idempotencyKeyOf(call) });
    return { status: 202, body };
  },
});

const showRun = endpoint({
  method: 'get',
  path: '/pipeline/status/{run_id}',
  atRoot: true,
  scope: 'read',
  tag: 'Runs',
  summary: 'What a run has come to, and what it waits for',
  params: runParams,
  unknown: 'RunNotFound',
  query: nothing,
  body: noBody,
  answers: { 200: { description: 'The run.', schema: runDetail } },
  failures: ['RunNotFound'],
  async answer(context, { params }) {
    const { database, environment } = context;
    const row = await database.run.findUnique({
      where: { id: params.run_id },
      include: {
        approval: true,
        training: { include: { _count: { select: { attempts: true } } } },
        steps: { orderBy: { number: 'desc' }, take: 1 },
      },
    });
    if (row === null) throw runNotFound(params.run_id);
    const { approval, training } = row;
    const [latest] = row.steps;
    const view = runFromRow(row, environment);
    const body: RunDetail = runDetail.parse({
      ...view,
      links:
        training === null
          ? view.links
          : { ...view.links, mlflow: mlflowRunPage(environment, training.mlflow_run_id) },
      latest_step: latest === undefined ? null : stepFromRow(latest),
      approval: approval && {
        ...approval,
        requested_at: approval.requested_at.toISOString(),
        deadline: approval.deadline.toISOString(),
        decided_at: approval.decided_at?.toISOString() ?? null,
      },
      training: training && {
        training_id: training.id,
        status: training.status,
        attempts: training._count.attempts,
        mlflow_run_id: training.mlflow_run_id,
        mlflow_url: mlflowRunPage(environment, training.mlflow_run_id),
        version: training.version,
      },
      waiting_on: isTerminal(view.status) ? [] : await waitingOn(context, params.run_id),
    });
    return { status: 200, body };
  },
});

const listRuns = endpoint({
  method: 'get',
  path: '/pipeline/history',
  atRoot: true,
  scope: 'read',
  tag: 'Runs',
  summary: 'Runs, newest first',
  params: nothing,
  unknown: 'NotFound',
  query: historyQuery,
  body: noBody,
  answers: { 200: { description: 'One page.', schema: historyPage } },
  failures: [],
  async answer({ database, environment }, { query }) {
    const { page, page_size, model, status } = query;
    const where = { ...(model === undefined ? {} : { model }), ...(status === undefined ? {} : { status }) };
    const [total, rows] = await database.$transaction([
      database.run.count({ where }),
      database.run.findMany({
        where,
        orderBy: [{ triggered_at: 'desc' }, { id: 'desc' }],
        skip: (page - 1) * page_size,
        take: page_size,
      }),
    ]);
    const runs = rows.map((row) => runFromRow(row, environment));
    return { status: 200, body: { runs, page, page_size, total } };
  },
});

export const runEndpoints = [startRun, listRuns, showRun];
