import { expect, test } from '@jest/globals';
import { allRows, eachRow } from './each-row.ts';

const now = Date.now();
const name = (row: number) => `row ${row}`;

test('one row’s failure does not keep the others, and is told', async () => {
  const seen: number[] = [];
  const swept = await eachRow({ now, until: now + 60_000 }, [1, 2, 3, 4], name, async (row) => {
    seen.push(row);
    if (row === 2) throw new Error('it is locked');
    return row !== 3;
  });
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(swept).toEqual({ done: 2, errors: ['row 2: it is locked'] });
});

test('rows that time did not suffice for are left to the next sweep', async () => {
  const swept = await eachRow({ now, until: now - 1 }, [1, 2], name, async () => true);
  expect(swept).toEqual({ done: 0, errors: [] });
});

test('rows are read some at a time, each of them once, on from the last one', async () => {
  const asked: Array<number | null> = [];
  const rows = allRows<number>(2, async (after, take) => {
    asked.push(after);
    return [1, 2, 3, 4].filter((row) => row > (after ?? 0)).slice(0, take);
  });
  const seen: number[] = [];
  for await (const row of rows) seen.push(row);
  expect({ seen, asked }).toEqual({ seen: [1, 2, 3, 4], asked: [null, 2, 4] });
});
