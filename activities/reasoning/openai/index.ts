import type { Environment } from '@watchtower/contracts';
import { ask } from '../ask.ts';
import { answerLimit } from '../budget.ts';
import { accessOf } from '../keys.ts';
import type { Reasoner } from '../reasoner.ts';
import { modelIdOf, spokenTurn } from '../spoken-turn.ts';
import { readCompletion } from './answer.ts';
import { orFailedGeneration, readFailedGeneration } from './failed-generation.ts';
import { completionRequest } from './request.ts';

/** Whatever speaks Chat Completions at the address of the settings: OpenAI, Groq, a server of one's own. */
export const openaiReasoner = (environment: Environment): Reasoner => ({
  name: 'openai',
  turn: async (input, signal) => {
    const access = accessOf(input.reasoner, environment);
    const asked = completionRequest(input, modelIdOf(input));
    const request = { ...asked, max_completion_tokens: answerLimit(input, asked) };
    const { answer, read, headers } = await ask(
      access,
      input,
      signal,
      async (fetch) => {
        // A tenth of a worker's start: only where it is needed.
        const { default: OpenAI } = await import('openai');
        const client = new OpenAI({
          // The SDK insists on a key; a server that needs none is sent none.
          apiKey: access.key ?? 'none',
          baseURL: access.baseUrl,
          // Of these, the process's environment is not to be asked.
          adminAPIKey: null,
          organization: null,
          project: null,
          webhookSecret: null,
          fetch,
          // Temporal retries, and says so where people see it.
          maxRetries: 0,
          timeout: input.reasoner.timeout_seconds * 1000,
          // Bodies are kept as the settings say, and nowhere else.
          logLevel: 'off',
        });
        return client.chat.completions.create(request).asResponse().catch(orFailedGeneration);
      },
      (json) => readFailedGeneration(json, input.turn, request.model) ?? readCompletion(json, input.turn),
      access.key === null ? {} : { authorization: `Bearer ${access.key}` },
    );
    return spokenTurn(access, request, answer, read, headers.get('x-request-id'));
  },
});
