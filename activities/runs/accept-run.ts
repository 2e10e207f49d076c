import {
  type Instant,
  type ModelName,
  type RunId,
  type TriggerSource,
  WatchtowerError,
  type WindowName,
} from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import type { Database, RunModel } from '@watchtower/database';
import { readCurrentDefinition } from './definitions.ts';

export interface AcceptedRun {
  readonly run_id: RunId;
  readonly model: ModelName;
  readonly trigger_source: TriggerSource;
  readonly dry_run: boolean;
  readonly data_window_id: WindowName;
  readonly triggered_at: Instant;
  /** Who asked, and the `Idempotency-Key`, where the request had one. */
  readonly api_key_id?: string;
  readonly idempotency_key?: string;
}

/**
 * Writes the row `accepted` with the definition frozen as it is now. The same run id, or the same key of the same
 * client with the same request, gives the row that is there.
 *
 * @throws WatchtowerError `UnknownModel`, `UnknownWindow`, `IdempotencyConflict`
 */
export async function acceptRun(database: Database, run: AcceptedRun): Promise<RunModel> {
  const { definition, version } = await readCurrentDefinition(database, run.model);
  if (!(run.data_window_id in definition.windows)) {
    throw new WatchtowerError(
      'UnknownWindow',
      `Model "${run.model}" has no window "${run.data_window_id}". It has: ${Object.keys(definition.windows).join(', ')}.`,
    );
  }
  const { model, trigger_source, dry_run, data_window_id, triggered_at, api_key_id, idempotency_key } = run;
  const request_digest = digestOf({ model, trigger_source, dry_run, data_window_id });
  await database.run.createMany({
    data: {
      id: run.run_id,
      model,
      definition_version: version,
      status: 'accepted',
      trigger_source,
      dry_run,
      data_window_id,
      request_digest,
      triggered_at,
      api_key_id: api_key_id ?? null,
      idempotency_key: idempotency_key ?? null,
    },
    skipDuplicates: true,
  });
  const row = await findAccepted(database, run);
  if (row.request_digest !== request_digest) {
    throw new WatchtowerError(
      'IdempotencyConflict',
      `The Idempotency-Key was used for another request (run ${row.id}). Use a new key for a new request.`,
    );
  }
  return row;
}

async function findAccepted(database: Database, run: AcceptedRun): Promise<RunModel> {
  const byId = await database.run.findUnique({ where: { id: run.run_id } });
  if (byId) return byId;
  return database.run.findUniqueOrThrow({
    where: {
      api_key_id_idempotency_key: {
        api_key_id: run.api_key_id ?? '',
        idempotency_key: run.idempotency_key ?? '',
      },
    },
  });
}
