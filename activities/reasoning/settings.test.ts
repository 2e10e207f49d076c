import { describe, expect, test } from '@jest/globals';
import { EnvironmentError, noTokens, parseEnvironment, type ReasonerName } from '@watchtower/contracts';
import { groqAddress } from './endpoints.ts';
import { accessOf } from './keys.ts';
import { costOf, priceOf } from './prices.ts';
import { checkReasonerEnvironment, reasonerSettings } from './settings.ts';

const anthropic = { ANTHROPIC_API_KEY: 'sk-ant-unit-000000' };
const openai = { OPENAI_API_KEY: 'sk-unit-0000000000' };
const groq = { GROQ_API_KEY: 'gsk_unit0000000000' };
const own = 'http://127.0.0.1:11434/v1';

type Variables = Readonly<Record<string, string>>;
type Choice = Parameters<typeof reasonerSettings>[1];
const settingsOf = (variables: Variables, choice: Choice = {}) =>
  reasonerSettings(parseEnvironment(variables), choice);

describe('who reasons', () => {
  test.each<[Variables, Choice, ReasonerName, string | null, string | null]>([
    [{}, {}, 'policy', null, null],
    [anthropic, {}, 'anthropic', 'claude-sonnet-5-5', 'https://api.anthropic.com'],
    [openai, {}, 'openai', 'gpt-6-sol', 'https://api.openai.com/v1'],
    [groq, {}, 'openai', 'llama-3.3-70b-versatile', groqAddress],
    [{ ...openai, ...groq }, {}, 'openai', 'gpt-6-sol', 'https://api.openai.com/v1'],
    [{ ...anthropic, ...openai }, {}, 'anthropic', 'claude-sonnet-5-5', 'https://api.anthropic.com'],
    [{ ...anthropic, LLM_PROVIDER: 'policy' }, {}, 'policy', null, null],
    [{ OPENAI_BASE_URL: own }, {}, 'policy', null, null],
    [{ OPENAI_BASE_URL: own, LLM_PROVIDER: 'openai', LLM_MODEL_ID: 'qwen3' }, {}, 'openai', 'qwen3', own],
    [
      { ...anthropic, LLM_MODEL_ID: 'claude-opus-5-5' },
      {},
      'anthropic',
      'claude-opus-5-5',
      'https://api.anthropic.com',
    ],
    // What the definition says is stronger, and LLM_MODEL_ID names no language model of another provider.
    [anthropic, { provider: 'policy' }, 'policy', null, null],
    [
      { ...anthropic, ...openai, LLM_MODEL_ID: 'claude-opus-5-5' },
      { provider: 'openai' },
      'openai',
      'gpt-6-sol',
      'https://api.openai.com/v1',
    ],
    [
      { ...openai, LLM_MODEL_ID: 'gpt-6-luna' },
      { base_url: `${groqAddress}/` },
      'openai',
      'llama-3.3-70b-versatile',
      `${groqAddress}/`,
    ],
    [openai, { model_id: 'gpt-5.4-mini' }, 'openai', 'gpt-5.4-mini', 'https://api.openai.com/v1'],
  ])('%j and %j make it %s', (variables, choice, name, model_id, base_url) => {
    expect(settingsOf(variables, choice)).toMatchObject({ name, model_id, base_url });
  });

  test('may spend what the definition says, else what the environment says', () => {
    const variables = { ...anthropic, AGENT_MAX_TURNS: '12', TOKEN_BUDGET: '50000', COST_BUDGET_USD: '2' };
    expect(settingsOf(variables)).toMatchObject({
      max_turns: 12,
      token_budget: 50_000,
      cost_budget: 2,
      timeout_seconds: 120,
      max_output_tokens: 4096,
      price: { input: 2, output: 10 },
    });
    expect(settingsOf(variables, { max_turns: 3, token_budget: 9000, cost_budget: 0 })).toMatchObject({
      max_turns: 3,
      token_budget: 9000,
      cost_budget: 0,
    });
    expect(settingsOf({})).toMatchObject({ cost_budget: null, price: null });
  });
});

describe('a worker that starts', () => {
  test.each([
    ['anthropic', openai, 'ANTHROPIC_API_KEY'],
    ['openai', anthropic, 'OPENAI_API_KEY'],
  ])(
    'with LLM_PROVIDER=%s and no key for it says which variable is missing',
    (provider, others, variable) => {
      const environment = parseEnvironment({ ...others, LLM_PROVIDER: provider });
      expect(() => checkReasonerEnvironment(environment)).toThrow(EnvironmentError);
      expect(() => checkReasonerEnvironment(environment)).toThrow(variable);
    },
  );

  test.each([
    {},
    { LLM_PROVIDER: 'policy' },
    { LLM_PROVIDER: 'anthropic', ...anthropic },
    { LLM_PROVIDER: 'openai', ...groq },
    { LLM_PROVIDER: 'openai', OPENAI_BASE_URL: own },
  ])('goes on with %j', (variables) => {
    expect(() => checkReasonerEnvironment(parseEnvironment({ ...variables }))).not.toThrow();
  });
});

describe('a key', () => {
  const access = (variables: Variables, name: ReasonerName, base_url: string | null) =>
    accessOf({ name, base_url }, parseEnvironment(variables));

  test.each<[Variables, ReasonerName, string, string | null]>([
    [anthropic, 'anthropic', 'https://api.anthropic.com', anthropic.ANTHROPIC_API_KEY],
    [openai, 'openai', 'https://api.openai.com/v1/', openai.OPENAI_API_KEY],
    [groq, 'openai', groqAddress, groq.GROQ_API_KEY],
    [{ ...openai, ...groq }, 'openai', groqAddress, groq.GROQ_API_KEY],
    [{ ...openai, OPENAI_BASE_URL: groqAddress }, 'openai', groqAddress, openai.OPENAI_API_KEY],
    [{ OPENAI_BASE_URL: own, ...openai }, 'openai', own, openai.OPENAI_API_KEY],
    [{ OPENAI_BASE_URL: own }, 'openai', own, null],
    // Groq's key goes to Groq.
    [{ OPENAI_BASE_URL: own, ...groq }, 'openai', own, null],
    [
      { ...openai, LLM_BASE_URLS_ALLOWED: `openai=https://a.test,openai=${own}` },
      'openai',
      own,
      openai.OPENAI_API_KEY,
    ],
  ])('of %j goes with %s at %s', (variables, name, address, key) => {
    expect(access(variables, name, address)).toEqual({ baseUrl: address, key });
  });

  test.each<[Variables, ReasonerName, string | null, RegExp]>([
    [openai, 'openai', 'https://evil.test/v1', /^evil\.test is neither .* LLM_BASE_URLS_ALLOWED/],
    [
      anthropic,
      'anthropic',
      'https://api.anthropic.com.evil.test',
      /^api\.anthropic\.com\.evil\.test is neither/,
    ],
    [anthropic, 'anthropic', 'http://api.anthropic.com', /is neither/],
    [{ ...openai, OPENAI_BASE_URL: own }, 'openai', 'https://api.openai.com/v1', /is neither/],
    [openai, 'openai', groqAddress, /is neither/],
    [{ ...openai, LLM_BASE_URLS_ALLOWED: `anthropic=${own}` }, 'openai', own, /Add openai= and/],
    [{ ...openai, LLM_BASE_URLS_ALLOWED: `openai=${groqAddress}` }, 'openai', groqAddress, /GROQ_API_KEY/],
    [{}, 'anthropic', 'https://api.anthropic.com', /Set ANTHROPIC_API_KEY/],
    [{}, 'openai', 'https://api.openai.com/v1', /Set OPENAI_API_KEY/],
    [openai, 'openai', null, /no address/],
  ])('of %j does not go with %s at %s', (variables, name, address, told) => {
    expect(() => access(variables, name, address)).toThrow(
      expect.objectContaining({ code: 'ReasonerNotConfigured', message: expect.stringMatching(told) }),
    );
  });
});

describe('a price', () => {
  const LLM_PRICES = { 'gpt-6-sol': { input: 1, output: 1, cache_read: 1, cache_write: 1 } };

  test('is the listed one, for a dated name as well, unless the environment names another', () => {
    expect(priceOf('claude-sonnet-5-5', { LLM_PRICES })).toMatchObject({ output: 10 });
    expect(priceOf('claude-sonnet-5-5-20260928', { LLM_PRICES })).toMatchObject({ output: 10 });
    expect(priceOf('gpt-6-sol-2026-09-22', { LLM_PRICES })).toMatchObject({ output: 1 });
    expect(priceOf('gpt-6-sol', { LLM_PRICES: {} })).toMatchObject({ output: 10 });
  });

  test.each(['llama3.3', 'constructor', '__proto__', ''])('is not known of %j', (model) => {
    expect(priceOf(model, { LLM_PRICES })).toBeNull();
  });

  test('makes a cost of every kind of token, and none of nothing', () => {
    const price = { input: 2, output: 10, cache_read: 0.1, cache_write: 2.5 };
    const tokens = { input: 1000, output: 200, cache_read: 10_000, cache_write: 400 };
    expect(costOf(tokens, price)).toBeCloseTo(0.002 + 0.002 + 0.001 + 0.001, 12);
    expect(costOf(tokens, null)).toBeNull();
    expect(costOf(noTokens, null)).toBe(0);
  });
});
