import { acceptRun } from '@watchtower/activities/runs/accept-run';
import { instant, type RunAccepted, type RunRequest, runId } from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from './api-keys.ts';
import type { GatewayContext } from './context.ts';
import { runLinks } from './run-view.ts';
import { startRun } from './start-run.ts';

interface RunOrder {
  readonly request: RunRequest;
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
}

/**
 * Writes the run down and starts it. Once the row is there the run will happen: where Temporal does not answer, the
 * sweep starts it. The same key with the same request gives the same run.
 *
 * @throws WatchtowerError `UnknownModel`, `UnknownWindow`, `IdempotencyConflict`
 */
export async function orderRun(
  context: GatewayContext,
  { request, caller, idempotencyKey }: RunOrder,
): Promise<RunAccepted> {
  const { database, environment } = context;
  const row = await acceptRun(database, {
    ...request,
    run_id: runId.parse(uuidv7()),
    model: request.model ?? environment.MLFLOW_MODEL_NAME,
    triggered_at: instant.parse(new Date().toISOString()),
    api_key_id: caller.id,
    idempotency_key: idempotencyKey,
    request_digest: digestOf(request),
  });
  if (row.status === 'accepted') await startRun(context, row);
  return {
    run_id: runId.parse(row.id),
    status: 'accepted',
    triggered_at: row.triggered_at.toISOString(),
    links: runLinks(row.id, environment),
  };
}
