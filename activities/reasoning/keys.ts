import { type Environment, type ReasonerSettings, WatchtowerError } from '@watchtower/contracts';
import { groqAddress, hostOf, openaiAddress, openaiEndpoint, sameAddress } from './endpoints.ts';

/** Where a language model is called, and with which key; null for a server that needs none. */
export interface Access {
  readonly baseUrl: string;
  readonly key: string | null;
}

/**
 * The key that goes with an address. Whoever may apply definitions must not thereby send our keys
 * elsewhere: an address is the environment's own or stands in `LLM_BASE_URLS_ALLOWED` for this provider, else it is not
 * called at all. Groq's key goes to Groq.
 *
 * @throws WatchtowerError `ReasonerNotConfigured`
 */
export function accessOf(
  settings: Pick<ReasonerSettings, 'name' | 'base_url'>,
  environment: Environment,
): Access {
  const { name, base_url: baseUrl } = settings;
  if (baseUrl === null || name === 'policy') {
    throw notConfigured(`Reasoner ${name} has no address. Name its base_url in the definition.`);
  }
  if (!mayBeCalled(name, baseUrl, environment)) {
    throw notConfigured(
      `${hostOf(baseUrl)} is neither the address of ${name} in this worker's environment nor in ` +
        `LLM_BASE_URLS_ALLOWED. Add ${name}= and the whole address there, or take base_url out of the definition.`,
    );
  }
  if (name === 'anthropic') {
    return { baseUrl, key: needed(environment.ANTHROPIC_API_KEY, 'ANTHROPIC_API_KEY', baseUrl) };
  }
  if (sameAddress(baseUrl, groqAddress)) {
    // Where Groq was made the endpoint by OPENAI_BASE_URL, OPENAI_API_KEY is meant for it.
    const meant = sameAddress(openaiEndpoint(environment), groqAddress)
      ? environment.OPENAI_API_KEY
      : undefined;
    return { baseUrl, key: needed(environment.GROQ_API_KEY ?? meant, 'GROQ_API_KEY', baseUrl) };
  }
  if (sameAddress(baseUrl, openaiAddress)) {
    return { baseUrl, key: needed(environment.OPENAI_API_KEY, 'OPENAI_API_KEY', baseUrl) };
  }
  return { baseUrl, key: environment.OPENAI_API_KEY ?? null };
}

function mayBeCalled(name: 'anthropic' | 'openai', address: string, environment: Environment): boolean {
  const own =
    name === 'anthropic'
      ? [environment.ANTHROPIC_BASE_URL]
      : [openaiEndpoint(environment), ...(environment.GROQ_API_KEY === undefined ? [] : [groqAddress])];
  const further = environment.LLM_BASE_URLS_ALLOWED.filter(({ provider }) => provider === name);
  return [...own, ...further.map(({ address: each }) => each)].some((allowed) =>
    sameAddress(allowed, address),
  );
}

function needed(key: string | undefined, variable: string, address: string): string {
  if (key !== undefined) return key;
  throw notConfigured(
    `There is no key for ${hostOf(address)} on this worker. Set ${variable} in the worker's environment.`,
  );
}

const notConfigured = (message: string) => new WatchtowerError('ReasonerNotConfigured', message);
