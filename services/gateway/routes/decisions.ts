import { cancelAccepted, decisionAccepted, decisionPending, decisionRequest } from '@watchtower/contracts';
import { cancelRun } from '../cancel-run.ts';
import { decide } from '../decide.ts';
import { endpoint, noBody, nothing } from '../endpoint.ts';
import { findRun } from '../find-run.ts';
import { idempotencyKeyOf } from '../idempotency-key.ts';
import { idempotencyKeyHeader, runParams } from './parameters.ts';

const decideRun = endpoint({
  method: 'post',
  path: '/pipeline/{run_id}/decision',
  atRoot: true,
  scope: 'approve',
  tag: 'Runs',
  summary: 'Approve or reject what a run waits for',
  description:
    'The decision quotes the digest of the evidence it rests on (`approval.evidence_digest` of the run): one that rests ' +
    'on other evidence is refused. The first decision counts; the same request again gets the same answer.',
  headers: idempotencyKeyHeader,
  params: runParams,
  unknown: 'RunNotFound',
  query: nothing,
  body: decisionRequest,
  answers: {
    200: { description: 'The decision is recorded.', schema: decisionAccepted },
    202: { description: 'It was passed on; no worker has answered yet.', schema: decisionPending },
  },
  failures: [
    'RunNotFound',
    'ApprovalNotAwaited',
    'EvidenceStale',
    'ApproverUnverified',
    'TemporalUnavailable',
  ],
  async answer(context, call) {
    const { run_id } = call.params;
    const run = await findRun(context.database, run_id);
    const recorded = await decide(context, {
      run,
      runId: run_id,
      request: call.body,
      caller: call.caller,
      idempotencyKey: idempotencyKeyOf(call),
    });
    if (recorded === null) return { status: 202, body: { run_id, status: 'pending' } };
    return { status: 200, body: recorded };
  },
});

const cancel = endpoint({
  method: 'post',
  path: '/pipeline/{run_id}/cancel',
  atRoot: true,
  scope: 'run',
  tag: 'Runs',
  summary: 'Cancel a run',
  description:
    'Its training is stopped; a promotion whose intent is recorded is finished first. Asked again, nothing more happens.',
  params: runParams,
  unknown: 'RunNotFound',
  query: nothing,
  body: noBody,
  answers: { 202: { description: 'The run was asked to stop.', schema: cancelAccepted } },
  failures: ['RunNotFound', 'RunFinished', 'TemporalUnavailable'],
  async answer(context, { params: { run_id } }) {
    await cancelRun(context, run_id);
    return { status: 202, body: { run_id, status: 'cancelling' } };
  },
});

export const decisionEndpoints = [decideRun, cancel];
