import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { parseEnvironment } from '@watchtower/contracts';
import { exampleInput } from '../../tests/scripted-providers/index.ts';
import { anthropicReasoner } from './anthropic/index.ts';
import { openaiReasoner } from './openai/index.ts';

const key = 'sk-unit-1c0d5e7a-only-here';
const ofTheProcess = {
  ANTHROPIC_CUSTOM_HEADERS: 'X-Api-Key: another\nX-Secret: of the process',
  ANTHROPIC_AUTH_TOKEN: 'another',
  OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer another\nX-Secret: of the process',
  OPENAI_ORG_ID: 'another',
};

describe('headers', () => {
  test.each([
    ['anthropic', anthropicReasoner, { authorization: `Bearer ${key}`, 'anthropic-version': '2026-10-21' }],
    ['openai', openaiReasoner, { authorization: `Bearer ${key}` }],
  ] as const)('to %s are ours, whatever the process has for its SDK', async (name, reasoner, ours) => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      request.resume();
      response.writeHead(400).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const before = { ...process.env };
    Object.assign(process.env, ofTheProcess);
    try {
      const variable = name.toUpperCase();
      const environment = parseEnvironment({ [`${variable}_BASE_URL`]: url, [`${variable}_API_KEY`]: key });
      const input = exampleInput({ reasoner: { name, base_url: url } });
      const asked = reasoner(environment).turn(input, new AbortController().signal);
      await expect(asked).rejects.toMatchObject({ code: 'ReasonerRejected' });
    } finally {
      process.env = before;
      server.close();
    }
    expect(seen).toEqual([expect.objectContaining({ ...ours, 'content-type': 'application/json' })]);
    expect(JSON.stringify(seen)).not.toMatch(/another|of the process/);
  });
});
