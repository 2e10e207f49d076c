import Anthropic from '@anthropic-ai/sdk';
import type { Environment } from '@watchtower/contracts';
import { ask } from '../ask.ts';
import { answerLimit } from '../budget.ts';
import { accessOf } from '../keys.ts';
import type { Reasoner } from '../reasoner.ts';
import { modelIdOf, spokenTurn } from '../spoken-turn.ts';
import { readMessage } from './answer.ts';
import { messagesRequest } from './request.ts';

/** Claude, or whatever speaks the Messages API at the address of the settings. */
export const anthropicReasoner = (environment: Environment): Reasoner => ({
  name: 'anthropic',
  turn: async (input, signal) => {
    const access = accessOf(input.reasoner, environment);
    const asked = messagesRequest(input, modelIdOf(input));
    const request = { ...asked, max_tokens: answerLimit(input, asked) };
    const { answer, read, headers } = await ask(
      access,
      input,
      signal,
      (fetch) => {
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
      { 'anthropic-version': '2023-06-01', ...(access.key !== null && { 'x-api-key': access.key }) },
    );
    return spokenTurn(access, request, answer, read, headers.get('request-id'));
  },
});
