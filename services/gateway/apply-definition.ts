import { storableJson } from '@watchtower/activities/audit/storable-json';
import { syncSchedule } from '@watchtower/activities/runs/schedules';
import {
  type AppliedModel,
  type Digest,
  definitionInput,
  digest,
  fieldProblems,
  type JsonObject,
  jsonObject,
  type ModelDefinition,
  resolveDefinition,
} from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import type { Database, Transaction } from '@watchtower/database';
import { ZodError } from 'zod';
import type { Caller } from './api-keys.ts';
import { bounded } from './bounded.ts';
import type { GatewayContext } from './context.ts';
import { RequestProblem } from './problems.ts';

const scheduleLimit = 3_000;

/**
 * Stores a definition as the model's next version, unless it is the current one already, and has the model's Temporal
 * Schedule follow it. Where Temporal does not answer, the sweep synchronises it.
 *
 * @throws RequestProblem `InvalidDefinition` that names every wrong field
 */
export async function applyDefinition(
  context: GatewayContext,
  written: JsonObject,
  caller: Caller,
): Promise<AppliedModel> {
  const definition = checkedDefinition(context, written);
  const applied = await storeDefinition(context.database, definition, caller.name);
  return { ...applied, schedule_synchronised: await scheduleFollows(context, definition.model) };
}

/** Whether the Schedule is known to be that of the current definition. */
async function scheduleFollows(context: GatewayContext, model: string): Promise<boolean> {
  try {
    const sync = () => syncSchedule(context, model);
    const deadline = Date.now() + scheduleLimit;
    await bounded(scheduleLimit, context.temporal.connection.withDeadline(deadline, sync));
    return true;
  } catch (error) {
    context.log.warn({ err: error, model }, 'the sweep will synchronise the schedule');
    return false;
  }
}

function checkedDefinition({ environment }: GatewayContext, written: JsonObject): ModelDefinition {
  try {
    return resolveDefinition(definitionInput.parse(storableJson(written)), {
      task: environment.MODEL_TASK_TYPE,
      shareThreshold: environment.DRIFT_FEATURE_THRESHOLD,
      minImprovement: environment.EVAL_MIN_IMPROVEMENT,
    });
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const errors = fieldProblems(error, 'body.definition');
    const listed = errors.map(({ path, message }) => `${path.replace('body.definition.', '')}: ${message}`);
    throw new RequestProblem(
      'InvalidDefinition',
      `The definition is not valid: ${listed.join('; ')}.`,
      errors,
    );
  }
}

async function storeDefinition(
  database: Database,
  definition: ModelDefinition,
  author: string,
): Promise<Omit<AppliedModel, 'schedule_synchronised'>> {
  const name = definition.model;
  const stored = jsonObject.parse(definition);
  const definitionDigest = digestOf(stored);
  return database.$transaction(async (transaction) => {
    // Two applications of one model at once: one after the other.
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('model'), hashtext(${name}))`;
    const current = await currentDefinition(transaction, name);
    if (current?.digest === definitionDigest) return { name, ...current, changed: false };
    const version = (current?.version ?? 0) + 1;
    await transaction.model.upsert({
      where: { name },
      create: { name, current_version: version },
      update: { current_version: version },
    });
    await transaction.modelDefinition.create({
      data: { model: name, version, definition: stored, digest: definitionDigest, created_by: author },
    });
    return { name, version, digest: definitionDigest, changed: true };
  });
}

async function currentDefinition(
  transaction: Transaction,
  name: string,
): Promise<{ readonly version: number; readonly digest: Digest } | null> {
  const model = await transaction.model.findUnique({ where: { name } });
  if (model === null) return null;
  const version = model.current_version;
  const frozen = await transaction.modelDefinition.findUniqueOrThrow({
    where: { model_version: { model: name, version } },
  });
  return { version, digest: digest.parse(frozen.digest) };
}
