import { readFile } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import { columnOf, tableOf } from './column-of.ts';

const text = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');

test('the example of the README runs and prints what it says', async () => {
  const readme = await text('./README.md');
  const [, shown] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  // Inside the package it goes by its file.
  expect(shown?.replace("'@watchtower/drift'", "'./index.ts'")).toBe(await text('./example.ts'));
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  await import('./example.ts');
  log.mockRestore();
  expect(readme).toContain(`\`\`\`text\n${lines.join('\n')}\n\`\`\``);
});

test('plain values become columns of their kind', () => {
  expect(columnOf('n', [1, null, 3n])).toMatchObject({
    type: 'numeric',
    values: Float64Array.of(1, Number.NaN, 3),
  });
  const values = Float64Array.of(1, 2);
  expect(columnOf('n', values)).toHaveProperty('values', values);
  expect(columnOf('t', [new Date(5), undefined])).toMatchObject({
    type: 'datetime',
    values: Float64Array.of(5, Number.NaN),
  });
  expect(columnOf('b', [true, false, true])).toMatchObject({
    type: 'boolean',
    levels: ['true', 'false'],
    counts: [2, 1],
  });
  expect(columnOf('c', ['x', null, 'x'], 'target')).toMatchObject({
    type: 'categorical',
    role: 'target',
    levels: ['x'],
    counts: [2],
    missing: 1,
  });
  expect(columnOf('none', [null, null])).toMatchObject({ type: 'numeric' });
});

test('values of two kinds, and columns of two lengths, are refused with their place', () => {
  expect(() => columnOf('x', [1, null, 'two'])).toThrow(
    'Column "x" holds values of kind number; its row 2 is a text.',
  );
  expect(() => tableOf({ x: [1, 2], y: ['a'] })).toThrow('Column "y" has 1 rows, the first one 2.');
});
