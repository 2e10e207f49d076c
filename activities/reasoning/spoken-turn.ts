import {
  type JsonObject,
  jsonObject,
  type ReasonerInput,
  type TokenUsage,
  WatchtowerError,
} from '@watchtower/contracts';
import { estimatedTokens } from './budget.ts';
import type { ReadAnswer } from './calls.ts';
import type { Access } from './keys.ts';
import { sumOf } from './prices.ts';
import type { SpokenTurn } from './reasoner.ts';
import { withoutKey } from './redact.ts';

/** What an adapter made of an answer, as a turn. Where the endpoint counts none, tokens are estimated. */
export function spokenTurn(
  { key }: Access,
  request: object,
  answer: JsonObject,
  { model, blocks, stop, tokens }: ReadAnswer,
  requestId: string | null,
): SpokenTurn {
  const counted = isCounted(tokens, blocks)
    ? tokens
    : { input: estimatedTokens(request), output: estimatedTokens(answer), cache_read: 0, cache_write: 0 };
  return {
    blocks,
    stop,
    model_id: model.slice(0, 200),
    request_id: requestId === null ? null : withoutKey(requestId, key).slice(0, 200),
    tokens: counted,
    exchange: { request: jsonObject.parse(JSON.parse(JSON.stringify(request))), answer },
  };
}

/**
 * Some endpoints fill the fields in with zeros. A request is never nothing, nor is an answer that says
 * something: believed, they would make a budget endless.
 */
function isCounted(tokens: TokenUsage | null, blocks: ReadAnswer['blocks']): tokens is TokenUsage {
  if (tokens === null || sumOf(tokens) === tokens.output) return false;
  return tokens.output > 0 || blocks.length === 0;
}

/** The language model a run was opened with. */
export function modelIdOf({ reasoner: { model_id, name } }: ReasonerInput): string {
  if (model_id !== null) return model_id;
  throw new WatchtowerError(
    'ReasonerNotConfigured',
    `Reasoner ${name} has no language model. Name it in LLM_MODEL_ID or as reasoner.model_id in the definition.`,
  );
}
