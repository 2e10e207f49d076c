import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { envExample } from './env-example.ts';
import { environment, parseEnvironment, secretVariables } from './environment.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

test('.env.example is what the schema says', async () => {
  await expect(readFile(path.join(root, '.env.example'), 'utf8')).resolves.toBe(envExample());
});

test('.env.example names every variable, and its values are valid', () => {
  const lines = [...envExample().matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
  expect(lines.map(([name]) => name)).toEqual(['POSTGRES_PASSWORD', ...Object.keys(environment.shape)]);
  expect(parseEnvironment(Object.fromEntries(lines))).toEqual(parseEnvironment({}));
});

test('.env.example holds no secret', () => {
  for (const name of secretVariables) expect(envExample()).toMatch(new RegExp(`^# ${name}=$`, 'm'));
});

test('the reference page lists every variable', async () => {
  const page = await readFile(path.join(root, 'docs/reference/environment.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(Object.keys(environment.shape));
});
