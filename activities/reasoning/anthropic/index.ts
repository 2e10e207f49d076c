import { type Environment, type ReasonerInput, WatchtowerError } from '@watchtower/contracts';
import { ask } from '../ask.ts';
import { answerLimit } from '../budget.ts';
import type { Exchange } from '../exchange.ts';
import { type Access, accessOf } from '../keys.ts';
import type { Reasoner, SpokenTurn } from '../reasoner.ts';
import { modelIdOf, spokenTurn } from '../spoken-turn.ts';
import { readMessage } from './answer.ts';
import { continuedRequest } from './continued.ts';
import { type MessagesRequest, messagesRequest } from './request.ts';

/**
 * The interface as the SDK speaks it: version and bearer token are its own (from 1.0 on; platform.claude.com,
 * "Versions" and "Authentication", 2026-11). They are written here because headers of an SDK can be replaced
 * by the process's environment, and ours are all that is sent; a test holds them against the SDK.
 */
export const apiVersion = '2026-10-21';

/**
 * Claude, or whatever speaks the Messages API at the address of the settings.
 *
 * @param before the exchange of the turn before, where it is stored
 */
export const anthropicReasoner = (
  environment: Environment,
  before: (input: ReasonerInput) => Promise<Exchange | null> = async () => null,
): Reasoner => ({
  name: 'anthropic',
  turn: async (input, signal) => {
    const access = accessOf(input.reasoner, environment);
    const plain = messagesRequest(input, modelIdOf(input), environment.WATCHTOWER_STORE_PROMPTS);
    const exchange = await before(input);
    const continued = exchange && continuedRequest(plain, exchange, input);
    if (continued) {
      try {
        return await send(access, continued, input, signal);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // Thoughts are bound to account, model and conversation: where they are refused, it goes on without them.
      }
    }
    return send(access, plain, input, signal);
  },
});

async function send(
  access: Access,
  asked: Omit<MessagesRequest, 'max_tokens'>,
  input: ReasonerInput,
  signal: AbortSignal,
): Promise<SpokenTurn> {
  const request = { ...asked, max_tokens: answerLimit(input, asked) };
  const { answer, read, headers } = await ask(
    access,
    input,
    signal,
    async (fetch) => {
      // A tenth of a worker's start: only where it is needed.
      const { default: Anthropic } = await import('@anthropic-ai/sdk');
      const client = new Anthropic({
        apiKey: access.key,
        baseURL: access.baseUrl,
        fetch,
        // Temporal retries, and says so where people see it.
        maxRetries: 0,
        timeout: input.reasoner.timeout_seconds * 1000,
        // Bodies are kept as the settings say, and nowhere else.
        logLevel: 'off',
        openTelemetry: false,
      });
      return client.messages.create(request).asResponse();
    },
    (json) => readMessage(json, input.turn),
    {
      'anthropic-version': apiVersion,
      ...(access.key !== null && { authorization: `Bearer ${access.key}` }),
    },
  );
  return spokenTurn(access, request, answer, read, headers.get('request-id'));
}

const isRefusal = (error: unknown): boolean =>
  error instanceof WatchtowerError && error.code === 'ReasonerRejected' && error.details?.status === 400;
