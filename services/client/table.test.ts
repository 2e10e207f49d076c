import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { coloursFor } from './colours.ts';
import { table } from './table.ts';

const plain = coloursFor({}, {});

test('a table is plain columns', () => {
  expect(table(['A', 'LONG'], [['1', '2']], plain)).toBe('A  LONG\n1  2');
});

test('numbers stand to the right, and colours take no room', () => {
  const coloured = coloursFor({ isTTY: true }, {});
  const drawn = table(['WHAT', 'SECONDS'], [[coloured.red('drift'), '12.0']], plain, [1]);
  expect(stripVTControlCharacters(drawn)).toBe('WHAT   SECONDS\ndrift     12.0');
});
