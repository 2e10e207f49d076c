import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Endpoints } from '@watchtower/client/endpoints';
import { serviceEnvironment, withoutLanguageModelKeys } from './service-environment.ts';
import { startStack } from './stack.ts';
import { stateFolder } from './state-folder.ts';

const ports = { postgres: 1, temporal: 2, temporal_ui: 3, mlflow: 4, gateway: 5 };
const endpoints: Endpoints = {
  pid: 1,
  gateway: 'http://127.0.0.1:5',
  temporal: '127.0.0.1:2',
  temporal_ui: 'http://127.0.0.1:3',
  mlflow: 'http://127.0.0.1:4',
  database_url: 'postgresql://127.0.0.1:1/watchtower',
  api_key: 'made-here',
};
const keys = { ANTHROPIC_API_KEY: 'one', OPENAI_API_KEY: 'two', GROQ_API_KEY: 'three' };
const callers = { ...keys, LLM_MODEL_ID: 'claude-sonnet-5-5', DATABASE_URL: 'postgresql://elsewhere/db' };

describe('what processes of the embedded stack find in their environment', () => {
  const environment = serviceEnvironment(callers, stateFolder({}, '/nowhere'), ports, endpoints);

  test('the worker finds the language models of the caller, and this stack’s own servers', () => {
    expect(environment).toMatchObject({
      ...keys,
      LLM_MODEL_ID: 'claude-sonnet-5-5',
      DATABASE_URL: endpoints.database_url,
    });
  });

  test('everybody else finds no key of a language model', () => {
    const { DATABASE_URL, ...rest } = withoutLanguageModelKeys(environment);
    expect(DATABASE_URL).toBe(endpoints.database_url);
    for (const key of Object.values(keys)) expect(Object.values(rest)).not.toContain(key);
  });
});

test('a provider without its key is told before anything is started', async () => {
  const home = mkdtempSync(join(tmpdir(), 'watchtower-keyless-'));
  try {
    const started = startStack({ home, variables: { LLM_PROVIDER: 'anthropic' }, report: () => {} });
    await expect(started).rejects.toThrow(/ANTHROPIC_API_KEY is not set/);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
