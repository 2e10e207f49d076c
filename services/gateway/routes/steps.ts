import { stepFromRow } from '@watchtower/activities/audit/step-row';
import { verifyRun } from '@watchtower/activities/audit/verify';
import { auditAnswer, isTerminal, runStatus, stepsPage, stepsQuery } from '@watchtower/contracts';
import { z } from 'zod';
import { endpoint, noBody, nothing, streamEndpoint } from '../endpoint.ts';
import { findRun } from '../find-run.ts';
import { RequestProblem } from '../problems.ts';
import { runEvents } from '../run-events.ts';
import { writeEvents } from '../server-sent-events.ts';
import { runParams } from './parameters.ts';

const stepNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'the number of a step')
  .transform(Number);
const streamQuery = z.strictObject({ last_event_id: stepNumber.optional() });

const streamSteps = streamEndpoint({
  method: 'get',
  path: '/pipeline/status/{run_id}/stream',
  atRoot: true,
  scope: 'read',
  tag: 'Runs',
  summary: 'Steps as they come (server-sent events)',
  description:
    'Events `step` with the number of the step as id, then `run_complete` or `run_failed` with the run; while it trains ' +
    'also `training_progress` with the newest line, which has no id and is not sent again. A client that ' +
    'comes back with `Last-Event-ID` (or `?last_event_id=`) gets every later step once, in order; where the run has ended ' +
    'and there is none, 204: its end is in the status of the run.',
  headers: { 'Last-Event-ID': 'Number of the last step that was received.' },
  params: runParams,
  unknown: 'RunNotFound',
  query: streamQuery,
  body: noBody,
  answers: {
    200: { description: 'text/event-stream', schema: z.string() },
    204: { description: 'The run has ended, and its last step was received.', schema: z.undefined() },
  },
  failures: ['RunNotFound'],
  async stream(context, call, response) {
    const { run_id } = call.params;
    const after = lastEventId(call.header('last-event-id')) ?? call.query.last_event_id ?? 0;
    const { status, head_number } = await findRun(context.database, run_id);
    // What a browser's EventSource sends when it comes back after the end; only 204 keeps it from coming again.
    if (after > 0 && after >= head_number && isTerminal(runStatus.parse(status))) {
      response.status(204).end();
      return;
    }
    await writeEvents(response, context.closing, (signal) => runEvents(context, { run_id, after, signal }));
  },
});

function lastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  const parsed = stepNumber.safeParse(header);
  if (parsed.success) return parsed.data;
  throw new RequestProblem('InvalidRequest', `Last-Event-ID was "${header}"; it is the number of a step.`, [
    { path: 'header.Last-Event-ID', message: 'the number of a step' },
  ]);
}

const listSteps = endpoint({
  method: 'get',
  path: '/pipeline/{run_id}/steps',
  atRoot: true,
  scope: 'read',
  tag: 'Runs',
  summary: 'Steps of a run, in order',
  params: runParams,
  unknown: 'RunNotFound',
  query: stepsQuery,
  body: noBody,
  answers: { 200: { description: 'One page.', schema: stepsPage } },
  failures: ['RunNotFound'],
  async answer({ database }, { params: { run_id }, query: { after, limit } }) {
    await findRun(database, run_id);
    const rows = await database.step.findMany({
      where: { run_id, number: { gt: after } },
      orderBy: { number: 'asc' },
      take: limit + 1,
    });
    const steps = rows.slice(0, limit).map(stepFromRow);
    const next_after = rows.length > limit ? (steps.at(-1)?.number ?? null) : null;
    return { status: 200, body: { steps, next_after } };
  },
});

const verifyAudit = endpoint({
  method: 'get',
  path: '/pipeline/{run_id}/audit',
  atRoot: true,
  scope: 'read',
  tag: 'Runs',
  summary: "Prove a run's audit log, or say where it is broken",
  description:
    "Recomputes the hash chain, compares it with Temporal's history (or the one exported when the run closed) and the " +
    "run's rows with what the steps say. The status is 200 either way: read `ok`.",
  params: runParams,
  unknown: 'RunNotFound',
  query: nothing,
  body: noBody,
  answers: { 200: { description: 'What was compared, and every difference.', schema: auditAnswer } },
  failures: ['RunNotFound', 'ArtifactMissing', 'TemporalUnavailable'],
  async answer(context, { params }) {
    return { status: 200, body: await verifyRun(context, params.run_id) };
  },
});

export const stepEndpoints = [streamSteps, listSteps, verifyAudit];
