import {
  type Digest,
  digest,
  type Environment,
  type JsonObject,
  jsonObject,
  type ReasonRequest,
  reasonerName,
  WatchtowerError,
} from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import { z } from 'zod';
import type { ArtifactStore } from '../audit/artifact-store.ts';
import type { ActivityContext } from '../context.ts';

/** Request and answer of a turn as they went over the wire, without headers. */
export interface Exchange {
  readonly request: JsonObject;
  readonly answer: JsonObject;
}

/**
 * Digest of what went over the wire in a turn, without headers; null where nothing did. It is kept as an
 * artifact of that name unless prompts are not stored: then the digest alone tells later whether an
 * exchange was this one.
 */
export async function keepExchange(
  exchange: Exchange | null,
  artifacts: Pick<ArtifactStore, 'put'>,
  { WATCHTOWER_STORE_PROMPTS }: Pick<Environment, 'WATCHTOWER_STORE_PROMPTS'>,
): Promise<Digest | null> {
  if (exchange === null) return null;
  const content = JSON.stringify(exchange);
  return WATCHTOWER_STORE_PROMPTS ? artifacts.put(content) : sha256(content);
}

/**
 * The exchange of the turn before, for a provider that wants its own words back as they were; null where it
 * was another reasoner's, is not stored, or there was none. Named by a step, so that the audit log holds it.
 */
export async function lastExchange(
  { artifacts, database, environment }: Pick<ActivityContext, 'artifacts' | 'database' | 'environment'>,
  { run_id, after_step, through_step, reasoner }: ReasonRequest,
): Promise<Exchange | null> {
  if (!environment.WATCHTOWER_STORE_PROMPTS) return null;
  const step = await database.step.findFirst({
    where: {
      run_id,
      number: { gt: after_step, lte: through_step },
      OR: [{ kind: { in: ['reasoning', 'tool_call'] } }, { name: 'reasoner_corrected' }],
    },
    orderBy: { number: 'desc' },
    select: { payload: true },
  });
  const mark = marked.safeParse(step?.payload);
  if (!mark.success || mark.data.turn.reasoner !== reasoner.name || mark.data.turn.exchange === null)
    return null;
  try {
    return stored.parse(JSON.parse((await artifacts.read(mark.data.turn.exchange)).toString('utf8')));
  } catch (error) {
    // Gone from the store, or written while prompts were not stored: the conversation goes on without it.
    if (error instanceof WatchtowerError && error.code === 'ArtifactMissing') return null;
    throw error;
  }
}

const marked = z.object({ turn: z.object({ reasoner: reasonerName, exchange: digest.nullable() }) });
const stored = z.object({ request: jsonObject, answer: jsonObject });
