import { expect, test } from '@jest/globals';
import { withDuckDb } from './duckdb.ts';
import { streamNumbers } from './stream-numbers.ts';

const column = { name: 'x', type: 'numeric', sqlType: 'DOUBLE' } as const;
const readInto = (rows: number) =>
  withDuckDb(async (connection) => {
    const into = new Float64Array(rows);
    await streamNumbers(connection, '(SELECT i::DOUBLE AS x FROM range(3000) numbers(i))', [column], [into]);
    return into;
  }, 1);

test('as many rows as there is room for are read', async () => {
  expect(await readInto(3000)).toEqual(Float64Array.from({ length: 3000 }, (_, i) => i));
});

test.each([
  [2999, 'more'],
  [3001, 'fewer'],
])('rows that are not the %d of before are refused', async (rows, now) => {
  await expect(readInto(rows)).rejects.toThrow(`it held ${rows} rows at first, and holds ${now} now`);
});
