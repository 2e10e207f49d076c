import type { ReasonerTurn, ReasonRequest } from '@watchtower/contracts';

/** What thinks in a run: it sees the evidence and the transcript, and answers with texts and tool calls. */
export interface Reasoner {
  readonly name: ReasonRequest['reasoner'];
  turn(request: ReasonRequest): Promise<ReasonerTurn>;
}
