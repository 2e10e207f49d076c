import {
  modelDefinition,
  type RunAccepted,
  type RunRequest,
  runId,
  WatchtowerError,
} from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import { type Database, Prisma, type RunModel } from '@watchtower/database';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from './api-keys.ts';
import type { GatewayContext } from './context.ts';
import { runLinks } from './run-view.ts';
import { startRun } from './start-run.ts';

interface Acceptance {
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
export async function acceptRun(context: GatewayContext, acceptance: Acceptance): Promise<RunAccepted> {
  const { database, environment } = context;
  const requestDigest = digestOf(acceptance.request);
  const row =
    (await earlierRun(database, acceptance, requestDigest)) ??
    (await insertRun(database, acceptance, requestDigest, environment.MLFLOW_MODEL_NAME));
  if (row.status === 'accepted') await startRun(context, row);
  return {
    run_id: runId.parse(row.id),
    status: 'accepted',
    triggered_at: row.triggered_at.toISOString(),
    links: runLinks(row.id, environment),
  };
}

async function earlierRun(
  database: Database,
  { caller, idempotencyKey }: Acceptance,
  requestDigest: string,
): Promise<RunModel | null> {
  if (idempotencyKey === undefined) return null;
  const row = await database.run.findUnique({
    where: { api_key_id_idempotency_key: { api_key_id: caller.id, idempotency_key: idempotencyKey } },
  });
  if (row !== null && row.request_digest !== requestDigest) {
    throw new WatchtowerError(
      'IdempotencyConflict',
      `This Idempotency-Key already belongs to run ${row.id}, which was asked for with another request. ` +
        'Send a new key for a new request.',
    );
  }
  return row;
}

async function insertRun(
  database: Database,
  acceptance: Acceptance,
  requestDigest: string,
  defaultModel: string,
): Promise<RunModel> {
  const { request, caller, idempotencyKey } = acceptance;
  const model = request.model ?? defaultModel;
  const version = await versionForRun(database, model, request.data_window_id);
  try {
    return await database.run.create({
      data: {
        id: uuidv7(),
        model,
        definition_version: version,
        status: 'accepted',
        trigger_source: request.trigger_source,
        dry_run: request.dry_run,
        data_window_id: request.data_window_id,
        api_key_id: caller.id,
        idempotency_key: idempotencyKey ?? null,
        request_digest: requestDigest,
        triggered_at: new Date(),
      },
    });
  } catch (error) {
    // The same request, twice at once: the other one was faster.
    const taken = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
    const earlier = taken ? await earlierRun(database, acceptance, requestDigest) : null;
    if (earlier === null) throw error;
    return earlier;
  }
}

/** The model's current version, with the window checked against it. */
async function versionForRun(database: Database, model: string, window: string): Promise<number> {
  const row = await database.model.findUnique({ where: { name: model } });
  if (row === null) {
    const known = await database.model.findMany({
      select: { name: true },
      orderBy: { name: 'asc' },
      take: 20,
    });
    const names = known.map(({ name }) => `"${name}"`).join(', ');
    throw new WatchtowerError(
      'UnknownModel',
      `No model "${model}" is defined. ` +
        (names === '' ? 'None is yet: apply a watchtower.yaml first.' : `Known models: ${names}.`),
    );
  }
  const version = row.current_version;
  const frozen = await database.modelDefinition.findUniqueOrThrow({
    where: { model_version: { model, version } },
  });
  const windows = Object.keys(modelDefinition.parse(frozen.definition).windows);
  if (!windows.includes(window)) {
    throw new WatchtowerError(
      'UnknownWindow',
      `Model "${model}" has no window "${window}". Its windows: ${windows.map((name) => `"${name}"`).join(', ')}.`,
    );
  }
  return version;
}
