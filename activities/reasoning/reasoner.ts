import type { ReasonerInput, ReasonerName, StopReason, TokenUsage, TurnBlock } from '@watchtower/contracts';
import type { Exchange } from './exchange.ts';

/**
 * A turn as a reasoner gives it; what is common to all (cost, long texts, the exchange's artifact) is added
 * by `reason`.
 */
export interface SpokenTurn {
  readonly blocks: readonly TurnBlock[];
  readonly stop: StopReason;
  readonly model_id: string | null;
  readonly request_id: string | null;
  readonly tokens: TokenUsage;
  /** Request and answer as they went over the wire, without headers; null where nothing did. */
  readonly exchange: Exchange | null;
}

/**
 * What thinks in a run: it sees the evidence and the conversation, and answers with texts and tool calls in
 * its order.
 */
export interface Reasoner {
  readonly name: ReasonerName;
  /** @throws WatchtowerError `Reasoner…` codes, each retryable or not by the catalogue */
  turn(input: ReasonerInput, signal: AbortSignal): Promise<SpokenTurn>;
}
