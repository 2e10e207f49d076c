import {
  type Digest,
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
  readonly idempotency_key?: string | undefined;
  /** Of the request as it was sent; without one, of what is asked for here. */
  readonly request_digest?: Digest;
}

/**
 * Writes the row `accepted` with the definition frozen as it is now. The same run id, or the same key of the same
 * client with the same request, gives the row that is there, whatever has become of the definition since.
 *
 * @throws WatchtowerError `UnknownModel`, `UnknownWindow`, `IdempotencyConflict`
 */
export async function acceptRun(database: Database, run: AcceptedRun): Promise<RunModel> {
  const request_digest = run.request_digest ?? digestOf(requestOf(run));
  const row = (await earlierRun(database, run)) ?? (await insertRun(database, run, request_digest));
  if (row.request_digest !== request_digest) {
    throw new WatchtowerError(
      'IdempotencyConflict',
      `This Idempotency-Key already belongs to run ${row.id}, which was asked for with another request. ` +
        'Send a new key for a new request.',
    );
  }
  return row;
}

const requestOf = ({ model, trigger_source, dry_run, data_window_id }: AcceptedRun) => ({
  model,
  trigger_source,
  dry_run,
  data_window_id,
});

async function insertRun(database: Database, run: AcceptedRun, request_digest: Digest): Promise<RunModel> {
  const definition_version = await versionForRun(database, run.model, run.data_window_id);
  // The same request, twice at once: the slower one writes nothing, and finds the row of the faster.
  await database.run.createMany({
    data: {
      ...requestOf(run),
      id: run.run_id,
      definition_version,
      status: 'accepted',
      request_digest,
      triggered_at: run.triggered_at,
      api_key_id: run.api_key_id ?? null,
      idempotency_key: run.idempotency_key ?? null,
    },
    skipDuplicates: true,
  });
  const row = await earlierRun(database, run);
  if (row === null) throw new WatchtowerError('Internal', `Run ${run.run_id} was not written.`);
  return row;
}

async function earlierRun(
  database: Database,
  { run_id, api_key_id, idempotency_key }: AcceptedRun,
): Promise<RunModel | null> {
  const byId = await database.run.findUnique({ where: { id: run_id } });
  if (byId !== null || api_key_id === undefined || idempotency_key === undefined) return byId;
  return database.run.findUnique({
    where: { api_key_id_idempotency_key: { api_key_id, idempotency_key } },
  });
}

/** The model's current version, with the window checked against it. */
async function versionForRun(database: Database, model: ModelName, window: WindowName): Promise<number> {
  const { definition, version } = await readCurrentDefinition(database, model);
  if (window in definition.windows) return version;
  const windows = Object.keys(definition.windows).map((name) => `"${name}"`);
  throw new WatchtowerError(
    'UnknownWindow',
    `Model "${model}" has no window "${window}". Its windows: ${windows.join(', ')}.`,
  );
}
