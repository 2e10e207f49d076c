import { expect, test } from '@jest/globals';
import { eachRow } from './each-row.ts';

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
