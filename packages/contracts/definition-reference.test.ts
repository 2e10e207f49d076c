import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { definitionReference } from './definition-reference.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

test('the reference page is what the schema says', async () => {
  const page = path.join(root, 'docs/reference/definition.md');
  await expect(readFile(page, 'utf8')).resolves.toBe(definitionReference());
});

test('every key is explained, and each stands there once', () => {
  const rows = definitionReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  expect(rows.length).toBeGreaterThan(70);
  for (const [, key, type, , meaning] of rows) {
    expect([key, type]).not.toContain('');
    expect([key, meaning]).not.toContain('');
  }
  const keys = rows.map(([, key]) => key).filter((key) => key !== '`data.source.type`');
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of ['retrain.command', 'windows.<name>.last', 'evaluate.guardrails[].metric']) {
    expect(keys).toContain(`\`${key}\``);
  }
});
