import { type Environment, type ReasonerInput, WatchtowerError } from '@watchtower/contracts';
import { ask } from '../ask.ts';
import { answerLimit } from '../budget.ts';
import { type Access, accessOf } from '../keys.ts';
import type { Reasoner, SpokenTurn } from '../reasoner.ts';
import { modelIdOf, spokenTurn } from '../spoken-turn.ts';
import { readCompletion } from './answer.ts';
import { orFailedGeneration, readFailedGeneration } from './failed-generation.ts';
import { type CompletionRequest, completionRequest, type LimitField, limitField } from './request.ts';

/** Whatever speaks Chat Completions at the address of the settings: OpenAI, Groq, a server of one's own. */
export const openaiReasoner = (environment: Environment): Reasoner => ({
  name: 'openai',
  turn: async (input, signal) => {
    const access = accessOf(input.reasoner, environment);
    const asked = completionRequest(input, modelIdOf(input));
    const limit = answerLimit(input, asked);
    const field = limitField(asked.model, access.baseUrl);
    try {
      return await send(access, { ...asked, [field]: limit }, input, signal);
    } catch (error) {
      if (!isAbout(error, field)) throw error;
      // Behind an address or a name of somebody's own stands what wants the other one.
      return await send(access, { ...asked, [other[field]]: limit }, input, signal);
    }
  },
});

const other: Readonly<Record<LimitField, LimitField>> = {
  max_completion_tokens: 'max_tokens',
  max_tokens: 'max_completion_tokens',
};

/** Whether the endpoint refused the request and named this field. */
const isAbout = (error: unknown, field: LimitField): boolean =>
  error instanceof WatchtowerError && error.code === 'ReasonerRejected' && error.message.includes(field);

async function send(
  access: Access,
  request: CompletionRequest,
  input: ReasonerInput,
  signal: AbortSignal,
): Promise<SpokenTurn> {
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
}
