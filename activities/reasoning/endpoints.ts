import type { Environment } from '@watchtower/contracts';

/** Where each provider is reached unless the environment says otherwise. */
export const openaiAddress = 'https://api.openai.com/v1';
export const groqAddress = 'https://api.groq.com/openai/v1';

/** The address of the OpenAI-compatible endpoint: the one set, else the one there is a key for. */
export function openaiEndpoint(environment: Environment): string {
  if (environment.OPENAI_BASE_URL !== undefined) return environment.OPENAI_BASE_URL;
  const groqAlone = environment.OPENAI_API_KEY === undefined && environment.GROQ_API_KEY !== undefined;
  return groqAlone ? groqAddress : openaiAddress;
}

/** Whether two addresses are one, however they are written. */
export const sameAddress = (one: string, other: string): boolean => plain(one) === plain(other);

/** What of an address may stand in messages and logs. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : 'an address that is none';
}

const plain = (address: string): string => new URL(address).href.replace(/\/+$/, '');
