import { expect, test } from '@jest/globals';
import { reasonerLine, withDemoReasoner } from './reasoner.ts';

test.each([
  [{ OPENAI_API_KEY: 'a key' }, 'policy', /the built-in policy reasons: nothing is sent/],
  [{ ANTHROPIC_API_KEY: 'a key', LLM_PROVIDER: '' }, 'policy', /the built-in policy reasons/],
  [
    { ANTHROPIC_API_KEY: 'a key', LLM_PROVIDER: 'anthropic' },
    'anthropic',
    /anthropic reasons, as LLM_PROVIDER/,
  ],
] as const)('with %j the demo reasons by %s, and says so', (variables, reasoner, line) => {
  const chosen = withDemoReasoner(variables);
  expect(chosen).toEqual({ ...variables, LLM_PROVIDER: reasoner });
  expect(reasonerLine(chosen)).toMatch(line);
});
