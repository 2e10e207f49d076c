import { type ReasonerInput, reasonerTurn, WatchtowerError } from '@watchtower/contracts';
import { storableJson } from '../audit/storable-json.ts';
import type { ActivityContext } from '../context.ts';
import type { ReasoningActivities } from '../interfaces/reasoning.ts';
import { withProgress } from '../progress.ts';
import { anthropicReasoner } from './anthropic/index.ts';
import { clipped } from './clip.ts';
import { keepExchange, lastExchange } from './exchange.ts';
import { openaiReasoner } from './openai/index.ts';
import { patientStore } from './patient-store.ts';
import { policy } from './policy.ts';
import { costOf } from './prices.ts';
import type { Reasoner } from './reasoner.ts';
import { readTranscript } from './transcript.ts';

export type { Reasoner, SpokenTurn } from './reasoner.ts';
export { checkReasonerEnvironment, reasonerSettings } from './settings.ts';

type Needed = Pick<ActivityContext, 'artifacts' | 'database' | 'environment'>;

/**
 * One turn of the reasoner that the request names: the conversation is read from the run's steps, the
 * reasoner asked, and what it answers bounded and checked, whoever made it.
 */
export function createReasoningActivities(
  context: Needed,
  reasoners: readonly Reasoner[] = [
    policy,
    anthropicReasoner(context.environment, (input) => lastExchange(context, input)),
    openaiReasoner(context.environment),
  ],
): ReasoningActivities {
  const { environment } = context;
  const artifacts = patientStore(context.artifacts);
  const byName = new Map(reasoners.map((reasoner) => [reasoner.name, reasoner]));
  return {
    reason: (request) =>
      // Heartbeats go on while the language model thinks: a cancellation arrives with a heartbeat's answer.
      withProgress('reasoning', async ({ signal }) => {
        const { name, price } = request.reasoner;
        const reasoner = byName.get(name);
        if (reasoner === undefined) {
          const known = [...byName.keys()].join(', ');
          throw new WatchtowerError(
            'ReasonerNotConfigured',
            `There is no reasoner "${name}" on this worker. Use one of: ${known}.`,
          );
        }
        const transcript = await readTranscript(context, request);
        const input: ReasonerInput = { ...request, transcript };
        const { blocks, stop, model_id, request_id, tokens, exchange } = await reasoner.turn(input, signal);
        return reasonerTurn.parse({
          // What is said, done and passed on from here is what Postgres can keep: a training's plan stands in rows too.
          blocks: await clipped(storableJson(blocks), artifacts),
          stop,
          model_id,
          request_id,
          tokens,
          cost: costOf(tokens, price),
          exchange: await keepExchange(exchange, artifacts, environment),
        });
      }),
  };
}
