import {
  type Environment,
  EnvironmentError,
  type ModelDefinition,
  type ReasonerName,
  type ReasonerSettings,
} from '@watchtower/contracts';
import { groqAddress, openaiEndpoint, sameAddress } from './endpoints.ts';
import { priceOf } from './prices.ts';

type Choice = ModelDefinition['reasoner'];

/** Used where neither definition nor environment names a language model. */
const defaultModels = {
  anthropic: 'claude-sonnet-5-5',
  // The newest that answers Chat Completions with tools: later ones ask for OpenAI's Responses API.
  openai: 'gpt-6-sol',
  groq: 'llama-3.3-70b-versatile',
} as const;

/**
 * Who reasons in a run, and what it may spend: the definition's choice over the environment's. Nothing is
 * looked up or called; whether there is a key is found when the reasoner is asked.
 */
export function reasonerSettings(environment: Environment, choice: Choice): ReasonerSettings {
  const name = choice.provider ?? environmentsReasoner(environment);
  const base_url = name === 'policy' ? null : (choice.base_url ?? addressOf(name, environment));
  const model_id =
    name === 'policy' || base_url === null ? null : modelOf(name, base_url, environment, choice);
  return {
    name,
    model_id,
    base_url,
    max_turns: choice.max_turns ?? environment.AGENT_MAX_TURNS,
    token_budget: choice.token_budget ?? environment.TOKEN_BUDGET,
    cost_budget: choice.cost_budget ?? environment.COST_BUDGET_USD ?? null,
    timeout_seconds: environment.AGENT_TIMEOUT_SECONDS,
    max_output_tokens: environment.AGENT_MAX_OUTPUT_TOKENS,
    price: model_id === null ? null : priceOf(model_id, environment),
  };
}

/** For the worker's start. @throws EnvironmentError where `LLM_PROVIDER` names a reasoner that has no key */
export function checkReasonerEnvironment(environment: Environment): void {
  const { LLM_PROVIDER, ANTHROPIC_API_KEY, OPENAI_API_KEY, GROQ_API_KEY, OPENAI_BASE_URL } = environment;
  if (LLM_PROVIDER === 'anthropic' && ANTHROPIC_API_KEY === undefined) {
    throw new EnvironmentError(
      'LLM_PROVIDER is anthropic, and ANTHROPIC_API_KEY is not set. Set it, or set LLM_PROVIDER to policy.',
    );
  }
  const reachable = OPENAI_API_KEY ?? GROQ_API_KEY ?? OPENAI_BASE_URL;
  if (LLM_PROVIDER === 'openai' && reachable === undefined) {
    throw new EnvironmentError(
      'LLM_PROVIDER is openai, and neither OPENAI_API_KEY nor GROQ_API_KEY is set. Set one of them, or ' +
        'OPENAI_BASE_URL for a server of your own that needs no key, or set LLM_PROVIDER to policy.',
    );
  }
}

function environmentsReasoner(environment: Environment): ReasonerName {
  if (environment.LLM_PROVIDER !== undefined) return environment.LLM_PROVIDER;
  if (environment.ANTHROPIC_API_KEY !== undefined) return 'anthropic';
  return (environment.OPENAI_API_KEY ?? environment.GROQ_API_KEY) === undefined ? 'policy' : 'openai';
}

const addressOf = (name: Exclude<ReasonerName, 'policy'>, environment: Environment): string =>
  name === 'anthropic' ? environment.ANTHROPIC_BASE_URL : openaiEndpoint(environment);

/** `LLM_MODEL_ID` names a language model of the environment's own endpoint, and of no other. */
function modelOf(
  name: Exclude<ReasonerName, 'policy'>,
  address: string,
  environment: Environment,
  choice: Choice,
): string {
  if (choice.model_id !== undefined) return choice.model_id;
  const ownEndpoint =
    name === environmentsReasoner(environment) && sameAddress(address, addressOf(name, environment));
  if (ownEndpoint && environment.LLM_MODEL_ID !== undefined) return environment.LLM_MODEL_ID;
  if (name === 'anthropic') return defaultModels.anthropic;
  return sameAddress(address, groqAddress) ? defaultModels.groq : defaultModels.openai;
}
