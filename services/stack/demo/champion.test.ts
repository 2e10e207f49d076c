import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { embeddedMlflow, resetChampion } from './champion.ts';

/** Stands for MLflow: versions found by the seed's tag, and what was asked of it. */
let versions: readonly string[];
let asked: string[];
let server: Server;
let url: string;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.once('end', () => {
      asked.push(`${request.method} ${decodeURIComponent(request.url ?? '').replaceAll('+', ' ')} ${body}`);
      const found = versions.length === 0 ? {} : { model_versions: versions.map((version) => ({ version })) };
      response.end(JSON.stringify(found));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const flights = { registeredModel: 'flights', alias: 'champion' };

test('the alias goes back to the version that was seeded first', async () => {
  versions = ['10', '2'];
  expect(await resetChampion(embeddedMlflow(url), flights)).toBe('2');
  expect(asked[0]).toContain("name = 'flights' and tags.`watchtower.seed` = 'true'");
  expect(asked[1]).toMatch(/^POST .*registered-models\/alias .*"alias":"champion","version":"2"/);
});

test('where nothing was seeded nothing is set', async () => {
  versions = [];
  expect(await resetChampion(embeddedMlflow(url), flights)).toBeUndefined();
  expect(asked).toHaveLength(1);
});
