import { describe, expect, test } from '@jest/globals';
import { reasonerChoice } from './definition-sections.ts';
import { parseEnvironment } from './environment.ts';

const carriesCredentials = ['https://me:secret@a.test/v1', 'http://me@a.test', 'ftp://a.test', 'a.test'];

describe('an address', () => {
  test.each(carriesCredentials)('%s is taken neither from a definition nor from the environment', (url) => {
    expect(reasonerChoice.safeParse({ base_url: url }).success).toBe(false);
    expect(() => parseEnvironment({ OPENAI_BASE_URL: url })).toThrow('OPENAI_BASE_URL');
    expect(() => parseEnvironment({ LLM_BASE_URLS_ALLOWED: `openai=${url}` })).toThrow(
      'LLM_BASE_URLS_ALLOWED',
    );
  });

  test('is taken without them', () => {
    const base_url = 'http://127.0.0.1:8000/v1?at=@';
    expect(reasonerChoice.parse({ base_url })).toEqual({ base_url });
  });

  test('that is allowed says for which provider', () => {
    const allowed = 'openai=https://a.test/v1?x=1, anthropic=http://b.test';
    expect(parseEnvironment({ LLM_BASE_URLS_ALLOWED: allowed }).LLM_BASE_URLS_ALLOWED).toEqual([
      { provider: 'openai', address: 'https://a.test/v1?x=1' },
      { provider: 'anthropic', address: 'http://b.test' },
    ]);
    for (const wrong of ['https://a.test', 'policy=https://a.test', 'groq=https://a.test']) {
      expect(() => parseEnvironment({ LLM_BASE_URLS_ALLOWED: wrong })).toThrow('LLM_BASE_URLS_ALLOWED');
    }
  });
});
